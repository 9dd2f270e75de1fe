/** The layers of points: every kind has its shape, every state its sign. */
import type {
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
} from 'maplibre-gl';
import type { Layer } from './address';
import { byClass, LEVEL, shown, type Look } from './look';

type Paint<T> = DataDrivenPropertyValueSpecification<T>;

const JUDGED: ExpressionSpecification = ['>', LEVEL, 0];
const FRESH: ExpressionSpecification = ['boolean', ['feature-state', 'fresh'], false];
const FILLED: ExpressionSpecification = ['any', JUDGED, FRESH];
const SELECTED: ExpressionSpecification = ['boolean', ['feature-state', 'selected'], false];
const STATION: FilterSpecification = ['==', ['get', 'kind'], 'air_station'];
const LONE: FilterSpecification = ['!', ['has', 'point_count']];

/** From this zoom a micro-station shows its number; nearer to the first view it would pass for a station. */
const NUMBERED = 12.5;
/** Signs are for those who look closely; further out they would cover their neighbours. */
const SIGNED = 10.5;

/** Kinds that are marks of `icons.ts` and stay where they are. */
const MARKS: Layer[] = [
  'dust_site',
  'water_site',
  'stack',
  'enterprise',
  'weather_station',
  'outfall',
  'gate',
];

/** Layers whose features a reader can point at. */
export const TOUCHABLE = ['station', 'micro', 'mark', 'moving', 'station-hollow', 'micro-hollow', 'tile'];

export function pointLayers(look: Look): LayerSpecification[] {
  return [
    ...(look.tiles ? tiles(look) : []),
    ...micros(look),
    ...marks(look),
    ...stations(look),
    ...moving(look),
  ];
}

/** The signs of state, for the layers of one source. */
function signs(source: string, filter: FilterSpecification, far: number, zoom: number, on: boolean) {
  const base = { source, minzoom: zoom };
  const sign = (id: string, icon: string, offset: [number, number]) => ({
    'icon-image': icon,
    'icon-offset': offset,
    'icon-allow-overlap': true,
    'icon-ignore-placement': true,
    ...shown(on),
    id,
  });
  const layer = (
    what: string,
    icon: string,
    offset: [number, number],
    when: ExpressionSpecification | null,
  ) => {
    const { id, ...layout } = sign(`${source}-${what}`, icon, offset);
    return { ...base, id, type: 'symbol', filter, layout, paint: when ? { 'icon-opacity': when } : {} };
  };
  const state = (name: string): ExpressionSpecification => [
    'case',
    ['boolean', ['feature-state', name], false],
    1,
    0,
  ];
  return [
    layer('suspect', 'suspect', [-far, -far], state('suspect')),
    layer('stale', 'clock', [far, far], state('stale')),
    {
      ...layer('simulated', 'badge', [far, -far], null),
      filter: ['all', filter as ExpressionSpecification, ['to-boolean', ['get', 'simulated']]],
    },
  ] as LayerSpecification[];
}

function micros(look: Look): LayerSpecification[] {
  const { palette, on } = look;
  const layout = shown(on.micro_station);
  return [
    hollow('micro-hollow', 'micros', LONE, 'hollow-small', ['case', FILLED, 0, 1], on.micro_station),
    {
      id: 'micro',
      type: 'circle',
      source: 'micros',
      filter: LONE,
      layout,
      paint: {
        'circle-radius': ['step', ['zoom'], 3, 10.5, 5, NUMBERED, 9],
        'circle-color': byClass(palette, 'colour', palette.muted),
        'circle-opacity': ['case', FILLED, 1, 0],
        'circle-stroke-opacity': ['case', ['any', FILLED, SELECTED], 1, 0],
        ...rim(look),
      },
    },
    {
      ...numeral('micro-number', 'micros', LONE, look, on.micro_station),
      minzoom: NUMBERED,
    } as LayerSpecification,
    {
      id: 'cluster',
      type: 'circle',
      source: 'micros',
      filter: ['has', 'point_count'],
      layout,
      paint: {
        'circle-radius': 9,
        'circle-color': palette.casing,
        'circle-stroke-color': palette.muted,
        'circle-stroke-width': 1.5,
      },
    },
    {
      id: 'cluster-number',
      type: 'symbol',
      source: 'micros',
      filter: ['has', 'point_count'],
      layout: {
        'text-field': ['get', 'point_count_abbreviated'],
        'text-size': 12,
        'text-allow-overlap': true,
        ...layout,
      },
      paint: { 'text-color': palette.ink },
    },
    ...signs('micros', LONE, 10, 12.5, on.micro_station),
  ];
}

function stations(look: Look): LayerSpecification[] {
  const { palette, on } = look;
  return [
    hollow('station-hollow', 'places', STATION, 'hollow-large', ['case', JUDGED, 0, 1], on.air_station),
    {
      id: 'station',
      type: 'circle',
      source: 'places',
      filter: STATION,
      layout: shown(on.air_station),
      paint: {
        'circle-radius': 11,
        'circle-color': byClass(palette, 'colour', palette.casing),
        'circle-opacity': ['case', JUDGED, 1, 0],
        'circle-stroke-opacity': ['case', ['any', JUDGED, SELECTED], 1, 0],
        ...rim(look),
      },
    },
    numeral('station-number', 'places', STATION, look, on.air_station),
    ...signs('places', STATION, 12, SIGNED, on.air_station),
    {
      id: 'station-label',
      type: 'symbol',
      source: 'places',
      minzoom: 10.5,
      filter: STATION,
      layout: { ...label(look), 'text-offset': [0, 1.15], ...shown(on.air_station) },
      paint: { 'text-color': palette.ink, 'text-halo-color': palette.ground, 'text-halo-width': 2 },
    },
  ];
}

function marks(look: Look): LayerSpecification[] {
  const kinds = MARKS.filter((kind) => look.on[kind]);
  const filter: FilterSpecification = ['in', ['get', 'kind'], ['literal', kinds]];
  return [
    ring('mark-ring', 'places', filter, look),
    {
      id: 'mark',
      type: 'symbol',
      source: 'places',
      filter,
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.55, 11.5, 1],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    },
    {
      id: 'mark-label',
      type: 'symbol',
      source: 'places',
      minzoom: 13,
      filter,
      layout: { ...label(look), 'text-offset': [0, 0.9] },
      paint: {
        'text-color': look.palette.muted,
        'text-halo-color': look.palette.ground,
        'text-halo-width': 2,
      },
    },
  ];
}

function moving(look: Look): LayerSpecification[] {
  const kinds = (['vehicle', 'patrol'] as const).filter((kind) => look.on[kind]);
  const filter: FilterSpecification = ['in', ['get', 'kind'], ['literal', kinds]];
  return [
    ring('moving-ring', 'moving', filter, look),
    {
      id: 'moving',
      type: 'symbol',
      source: 'moving',
      filter,
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-rotate': ['get', 'heading'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    },
  ];
}

/** For very many places: dots from the server's tiles, with their class as a property. */
function tiles(look: Look): LayerSpecification[] {
  const level: ExpressionSpecification = ['coalesce', ['get', 'level'], 0];
  return [
    {
      id: 'tile',
      type: 'circle',
      source: 'tiles',
      'source-layer': 'places',
      layout: shown(look.on.air_station),
      paint: {
        'circle-radius': ['step', ['zoom'], 3, 6, 4, 9, 6],
        'circle-color': byClass(look.palette, 'colour', look.palette.casing, 'classes', level),
        'circle-stroke-color': look.palette.outline,
        'circle-stroke-width': ['case', SELECTED, 3, 1],
      },
    },
    {
      id: 'tile-number',
      type: 'symbol',
      source: 'tiles',
      'source-layer': 'places',
      minzoom: 9,
      layout: { 'text-field': ['to-string', ['coalesce', ['get', 'value'], '']], 'text-size': 12 },
      paint: { 'text-color': look.palette.ink, 'text-halo-color': look.palette.ground, 'text-halo-width': 1 },
    },
  ];
}

function label({ lang }: Look) {
  return {
    'text-field': ['get', lang] as ExpressionSpecification,
    'text-size': 12,
    'text-anchor': 'top' as const,
    'text-max-width': 9,
    'text-optional': true,
  };
}

function rim({ palette }: Look) {
  return {
    'circle-stroke-color': ['case', SELECTED, palette.accent, palette.outline] as Paint<string>,
    'circle-stroke-width': ['case', SELECTED, 3, 1] as Paint<number>,
  };
}

/** Around a mark that is selected. */
function ring(
  id: string,
  source: string,
  filter: FilterSpecification,
  { palette }: Look,
): LayerSpecification {
  return {
    id,
    type: 'circle',
    source,
    filter,
    paint: {
      'circle-radius': 14,
      'circle-color': palette.casing,
      'circle-opacity': 0,
      'circle-stroke-color': palette.accent,
      'circle-stroke-width': 3,
      'circle-stroke-opacity': ['case', SELECTED, 1, 0],
    },
  };
}

function hollow(
  id: string,
  source: string,
  filter: FilterSpecification,
  icon: string,
  opacity: ExpressionSpecification,
  on: boolean,
): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source,
    filter,
    layout: { 'icon-image': icon, 'icon-allow-overlap': true, 'icon-ignore-placement': true, ...shown(on) },
    paint: { 'icon-opacity': opacity },
  };
}

function numeral(
  id: string,
  source: string,
  filter: FilterSpecification,
  look: Look,
  on: boolean,
): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source,
    filter,
    layout: {
      'text-field': ['get', 'label'],
      'text-size': 12,
      'text-allow-overlap': true,
      'text-ignore-placement': true,
      ...shown(on),
    },
    paint: {
      'text-color': byClass(look.palette, 'ink', look.palette.ink),
      'text-opacity': ['case', JUDGED, 1, 0],
    },
  };
}
