import type { PlaceKind } from '../api/contract';
import type { Word } from '../words';

const KINDS: Record<PlaceKind, Word> = {
  air_station: 'kind.air_station',
  micro_station: 'kind.micro_station',
  dust_site: 'kind.dust_site',
  water_site: 'kind.water_site',
  stack: 'kind.stack',
  enterprise: 'kind.enterprise',
  weather_station: 'kind.weather_station',
};

export function kindWord(kind: PlaceKind): Word {
  return KINDS[kind];
}
