/**
 * What is drawn, from bottom to top, as layers of MapLibre. No glyph server and no sprite: text comes from
 * the reader's fonts, marks from `icons.ts`, geometry from the registry.
 *
 * Colour and ink of a dot are feature state (`level`, `fresh`, `selected`), so a new hour repaints
 * without new geometry. A class is never computed here: `level` is what the server said.
 */
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  LineLayerSpecification,
} from 'maplibre-gl';
import { byClass, halo, shown, type Look } from './look';
import { pointLayers } from './points';

export function layersOf(look: Look): LayerSpecification[] {
  return [
    ...ground(look),
    ...areas(look),
    ...lines(look),
    ...regions(look),
    ...pointLayers(look),
    ...suspects(look),
  ];
}

/** The layer below which the field is put. */
export const ABOVE_FIELD = 'area';

function ground(look: Look): LayerSpecification[] {
  const { palette } = look;
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
    {
      id: 'graticule',
      type: 'line',
      source: 'graticule',
      paint: { 'line-color': palette.line, 'line-width': 1, 'line-opacity': 0.7 },
    },
    {
      id: 'fill',
      type: 'fill',
      source: 'areas',
      layout: shown(look.on.fill),
      filter: ['==', ['get', 'kind'], 'sub_district'],
      paint: { 'fill-color': palette.casing, 'fill-opacity': 0.7 },
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
      paint: halo(look) ?? {},
    },
  ];
}

function areas(look: Look): LayerSpecification[] {
  const { palette, on, lang } = look;
  const of = (kind: string): FilterSpecification => ['==', ['get', 'kind'], kind];
  const chosen: ExpressionSpecification = ['boolean', ['feature-state', 'selected'], false];
  const name = { 'text-field': ['get', lang] as ExpressionSpecification, 'text-max-width': 8 };
  return [
    {
      id: 'area',
      type: 'line',
      source: 'areas',
      filter: of('sub_district'),
      layout: { 'line-join': 'round', ...shown(on.areas) },
      paint: {
        'line-color': ['case', chosen, palette.accent, palette.area],
        'line-width': ['case', chosen, 3, 1.25],
      },
    },
    {
      id: 'village',
      type: 'line',
      source: 'areas',
      filter: ['!=', ['get', 'kind'], 'sub_district'],
      layout: { 'line-join': 'round', ...shown(on.villages) },
      paint: {
        'line-color': ['case', chosen, palette.accent, palette.area],
        'line-width': ['case', chosen, 2, 0.6],
        'line-opacity': ['interpolate', ['linear'], ['zoom'], 10, 0.4, 13, 1],
      },
    },
    {
      id: 'box',
      type: 'line',
      source: 'box',
      paint: { 'line-color': palette.area, 'line-width': 1, 'line-dasharray': [6, 4] },
    },
    {
      id: 'village-label',
      type: 'symbol',
      source: 'middles',
      minzoom: 13,
      filter: ['!=', ['get', 'kind'], 'sub_district'],
      layout: { ...name, 'text-size': 12, ...shown(on.villages) },
      paint: halo(look) ?? {},
    },
  ];
}

/** Ground that holds the source with a probability, from tracing. */
export function regions({ palette }: Pick<Look, 'palette'>): LayerSpecification[] {
  const of = (share: number, opacity: number) =>
    ({
      id: `region-${String(100 * share)}`,
      type: 'fill',
      source: 'regions',
      filter: ['all', ['==', ['get', 'share'], share], ['==', ['geometry-type'], 'Polygon']],
      paint: { 'fill-color': palette.accent, 'fill-opacity': opacity, 'fill-antialias': false },
    }) as LayerSpecification;
  return [of(0.9, 0.22), of(0.5, 0.4)];
}

/** The first candidates of tracing: a ring that grows with the probability, and the rank in it. */
function suspects({ palette }: Look): LayerSpecification[] {
  return [
    {
      id: 'suspect',
      type: 'circle',
      source: 'suspects',
      paint: {
        'circle-radius': ['+', 11, ['*', 9, ['get', 'probability']]],
        'circle-color': palette.ground,
        'circle-opacity': 0.85,
        'circle-stroke-color': palette.accent,
        'circle-stroke-width': 3,
      },
    },
    {
      id: 'suspect-rank',
      type: 'symbol',
      source: 'suspects',
      layout: {
        'text-field': ['get', 'rank'],
        'text-size': 13,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': palette.ink },
    },
  ];
}

function lines(look: Look): LayerSpecification[] {
  const { palette, on } = look;
  const layout = { 'line-join': 'round', 'line-cap': 'round' } as const;
  const of = (kind: string): ExpressionSpecification => ['==', ['get', 'kind'], kind];
  // A river without reaches is coloured itself; one with reaches is drawn by them.
  const water: FilterSpecification = ['any', of('reach'), ['all', of('river'), ['!', ['get', 'split']]]];
  const line = (
    id: string,
    filter: FilterSpecification,
    isOn: boolean,
    paint: LineLayerSpecification['paint'],
  ) =>
    ({
      id,
      type: 'line',
      source: 'lines',
      filter,
      layout: { ...layout, ...shown(isOn) },
      paint,
    }) as LayerSpecification;
  const age: ExpressionSpecification = ['get', 'age'];
  return [
    line('road', of('road'), on.roads, { 'line-color': palette.road, 'line-width': 3 }),
    line('river-casing', water, on.rivers, { 'line-color': palette.casing, 'line-width': 8 }),
    line('river', water, on.rivers, {
      'line-color': byClass(palette, 'colour', palette.water, 'waters'),
      'line-width': 5,
    }),
    {
      id: 'river-flow',
      type: 'symbol',
      source: 'lines',
      filter: water,
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 60,
        'icon-image': 'arrow',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'icon-size': 0.75,
        ...shown(on.rivers),
      },
    },
    {
      id: 'track',
      type: 'line',
      source: 'tracks',
      layout: { 'line-cap': 'round', ...shown(on.tracks) },
      paint: {
        'line-color': byClass(palette, 'colour', palette.muted, 'classes', ['get', 'level']),
        'line-width': ['interpolate', ['linear'], age, 0, 5, 1, 1],
        'line-opacity': ['interpolate', ['linear'], age, 0, 0.95, 1, 0.35],
      },
    },
    {
      id: 'line-label',
      type: 'symbol',
      source: 'lines',
      filter: ['any', of('river'), ['all', of('road'), ['>=', ['zoom'], 12]]] as FilterSpecification,
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 400,
        'text-field': ['get', look.lang],
        'text-size': 12,
        'text-offset': [0, 1],
        ...shown(on.rivers),
      },
      paint: halo(look) ?? {},
    },
    {
      id: 'area-label',
      type: 'symbol',
      source: 'middles',
      filter: ['==', ['get', 'kind'], 'sub_district'],
      layout: { 'text-field': ['get', look.lang], 'text-size': 13, 'text-max-width': 8, ...shown(on.areas) },
      paint: halo(look) ?? {},
    },
  ];
}
