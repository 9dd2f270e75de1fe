/**
 * What is drawn, from bottom to top, as layers of MapLibre. No glyph server, no sprite, no tiles: text
 * comes from the reader's fonts, marks from `icons.ts`, geometry from the registry.
 *
 * Colour and ink of a dot are feature state (`level`, `fresh`, `selected`), so a new hour repaints
 * without new geometry. A class is never computed here: `level` is what the server said.
 */
import type {
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
} from 'maplibre-gl';
import type { Lang } from '../format';

export interface Palette {
  ground: string;
  area: string;
  water: string;
  road: string;
  casing: string;
  ink: string;
  muted: string;
  line: string;
  accent: string;
  outline: string;
  /** Colour and ink of classes 1 to 6. */
  classes: { colour: string; ink: string }[];
}

type Paint<T> = DataDrivenPropertyValueSpecification<T>;

const LEVEL: ExpressionSpecification = ['coalesce', ['feature-state', 'level'], 0];
const JUDGED: ExpressionSpecification = ['>', LEVEL, 0];
const FRESH: ExpressionSpecification = ['boolean', ['feature-state', 'fresh'], false];
const SELECTED: ExpressionSpecification = ['boolean', ['feature-state', 'selected'], false];
const STATION: FilterSpecification = ['==', ['get', 'kind'], 'air_station'];
const MICRO: FilterSpecification = ['==', ['get', 'kind'], 'micro_station'];

/** Layers whose features a reader can point at. */
export const TOUCHABLE = ['station', 'micro', 'other', 'station-hollow', 'micro-hollow'];

export function layersOf(palette: Palette, lang: Lang): LayerSpecification[] {
  return [...ground(palette, lang), ...water(palette, lang), ...points(palette, lang)];
}

function ground(palette: Palette, lang: Lang): LayerSpecification[] {
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
    {
      id: 'graticule',
      type: 'line',
      source: 'graticule',
      paint: { 'line-color': palette.line, 'line-width': 1, 'line-opacity': 0.7 },
    },
    {
      id: 'area',
      type: 'line',
      source: 'areas',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.area, 'line-width': 1 },
    },
    {
      id: 'box',
      type: 'line',
      source: 'box',
      paint: { 'line-color': palette.area, 'line-width': 1, 'line-dasharray': [6, 4] },
    },
    {
      id: 'road',
      type: 'line',
      source: 'lines',
      filter: ['==', ['get', 'kind'], 'road'],
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': palette.road, 'line-width': 3 },
    },
    {
      id: 'graticule-label',
      type: 'symbol',
      source: 'graticule',
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 600,
        'text-field': ['get', 'label'],
        'text-size': 12,
      },
      paint: { 'text-color': palette.muted, 'text-halo-color': palette.ground, 'text-halo-width': 2 },
    },
    {
      id: 'area-label',
      type: 'symbol',
      source: 'middles',
      layout: { 'text-field': ['get', lang], 'text-size': 13, 'text-max-width': 8 },
      paint: { 'text-color': palette.muted, 'text-halo-color': palette.ground, 'text-halo-width': 2 },
    },
  ];
}

function water(palette: Palette, lang: Lang): LayerSpecification[] {
  const river: FilterSpecification = ['==', ['get', 'kind'], 'river'];
  const layout = { 'line-join': 'round', 'line-cap': 'round' } as const;
  return [
    {
      id: 'river-casing',
      type: 'line',
      source: 'lines',
      filter: river,
      layout,
      paint: { 'line-color': palette.casing, 'line-width': 7 },
    },
    {
      id: 'river',
      type: 'line',
      source: 'lines',
      filter: river,
      layout,
      paint: { 'line-color': palette.water, 'line-width': 5 },
    },
    {
      id: 'river-flow',
      type: 'symbol',
      source: 'lines',
      filter: river,
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 60,
        'icon-image': 'arrow',
        'icon-allow-overlap': true,
        'icon-size': 0.75,
      },
    },
    {
      id: 'line-label',
      type: 'symbol',
      source: 'lines',
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 400,
        'text-field': ['get', lang],
        'text-size': 12,
        'text-offset': [0, 1],
      },
      paint: { 'text-color': palette.muted, 'text-halo-color': palette.ground, 'text-halo-width': 2 },
    },
  ];
}

function points(palette: Palette, lang: Lang): LayerSpecification[] {
  const rim = {
    'circle-stroke-color': ['case', SELECTED, palette.accent, palette.outline] as Paint<string>,
    'circle-stroke-width': ['case', SELECTED, 3, 1] as Paint<number>,
  };
  return [
    hollow('micro-hollow', MICRO, 'hollow-small', ['case', ['any', JUDGED, FRESH], 0, 1]),
    {
      id: 'micro',
      type: 'circle',
      source: 'places',
      filter: MICRO,
      paint: {
        'circle-radius': ['step', ['zoom'], 5, 12, 10],
        'circle-color': byClass(palette, 'colour', palette.muted),
        'circle-opacity': ['case', ['any', JUDGED, FRESH], 1, 0],
        'circle-stroke-opacity': ['case', ['any', JUDGED, FRESH, SELECTED], 1, 0],
        ...rim,
      },
    },
    { ...numeral('micro-number', MICRO, palette), minzoom: 12 },
    {
      id: 'other',
      type: 'symbol',
      source: 'places',
      filter: ['!', ['in', ['get', 'kind'], ['literal', ['air_station', 'micro_station']]]],
      layout: { 'icon-image': ['get', 'kind'], 'icon-allow-overlap': true },
    },
    hollow('station-hollow', STATION, 'hollow-large', ['case', JUDGED, 0, 1]),
    {
      id: 'station',
      type: 'circle',
      source: 'places',
      filter: STATION,
      paint: {
        'circle-radius': 11,
        'circle-color': byClass(palette, 'colour', palette.casing),
        'circle-opacity': ['case', JUDGED, 1, 0],
        'circle-stroke-opacity': ['case', ['any', JUDGED, SELECTED], 1, 0],
        ...rim,
      },
    },
    numeral('station-number', STATION, palette),
    simulated('micro-simulated', MICRO, [10, -10], 12.5),
    simulated('station-simulated', STATION, [12, -12], 0),
    {
      id: 'station-label',
      type: 'symbol',
      source: 'places',
      filter: STATION,
      layout: {
        'text-field': ['get', lang],
        'text-size': 12,
        'text-anchor': 'top',
        'text-offset': [0, 1.15],
        'text-max-width': 9,
        'text-optional': true,
      },
      paint: { 'text-color': palette.ink, 'text-halo-color': palette.ground, 'text-halo-width': 2 },
    },
  ];
}

function hollow(
  id: string,
  filter: FilterSpecification,
  icon: string,
  opacity: ExpressionSpecification,
): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source: 'places',
    filter,
    layout: { 'icon-image': icon, 'icon-allow-overlap': true, 'icon-ignore-placement': true },
    paint: { 'icon-opacity': opacity },
  };
}

function numeral(id: string, filter: FilterSpecification, palette: Palette): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source: 'places',
    filter,
    layout: {
      'text-field': ['get', 'label'],
      'text-size': 12,
      'text-allow-overlap': true,
      'text-ignore-placement': true,
    },
    paint: { 'text-color': byClass(palette, 'ink', palette.ink), 'text-opacity': ['case', JUDGED, 1, 0] },
  };
}

function simulated(
  id: string,
  filter: FilterSpecification,
  offset: [number, number],
  minzoom: number,
): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source: 'places',
    minzoom,
    filter: ['all', filter as ExpressionSpecification, ['to-boolean', ['get', 'simulated']]],
    layout: {
      'icon-image': 'badge',
      'icon-offset': offset,
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
    },
  };
}

function byClass(palette: Palette, what: 'colour' | 'ink', otherwise: string): ExpressionSpecification {
  const arms = palette.classes.flatMap((one, i) => [i + 1, one[what]]);
  return ['match', LEVEL, ...arms, otherwise] as unknown as ExpressionSpecification;
}
