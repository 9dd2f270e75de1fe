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
  outfall: 'kind.outfall',
  gate: 'kind.gate',
  vehicle: 'kind.vehicle',
  patrol: 'kind.patrol',
};

export function kindWord(kind: PlaceKind): Word {
  return KINDS[kind];
}
