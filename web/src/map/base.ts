/** The base map that the operator imported: own vector tiles or GeoJSON, in the quiet colours of the ground. */
import { addProtocol, type LayerSpecification } from 'maplibre-gl';
import type { Basemap } from '../api/map';
import type { Palette } from './look';
import type { Scene } from './scene';

const SOURCE = 'base';
const WATER = /water|river|lake|水|河/i;
const ROAD = /road|transport|street|highway|rail|路/i;

let speaks = false;

/** Adds the base map to a scene; does nothing when there is none. */
export async function addBase(scene: Scene, base: Basemap, palette: Palette): Promise<void> {
  if (base.kind === 'none' || !base.url) return;
  if (base.kind === 'geojson') {
    scene.addBase(SOURCE, { type: 'geojson', data: base.url }, layersOf(null, palette));
    return;
  }
  const { Protocol } = await import('pmtiles');
  if (!speaks) addProtocol('pmtiles', new Protocol().tile);
  speaks = true;
  const url = `pmtiles://${new URL(base.url, location.href).href}`;
  scene.addBase(
    SOURCE,
    { type: 'vector', url },
    base.layers.flatMap((layer) => layersOf(layer, palette)),
  );
}

/** Areas and lines of one layer of the tiles; GeoJSON has only one. */
function layersOf(layer: string | null, palette: Palette): LayerSpecification[] {
  const of = layer === null ? {} : { 'source-layer': layer };
  const isWater = WATER.test(layer ?? '');
  const colour = isWater ? palette.water : ROAD.test(layer ?? '') ? palette.road : palette.line;
  const id = `${SOURCE}-${layer ?? ''}`;
  return [
    {
      id: `${id}-fill`,
      type: 'fill',
      source: SOURCE,
      ...of,
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': colour, 'fill-opacity': isWater ? 0.5 : 0.25 },
    },
    {
      id: `${id}-line`,
      type: 'line',
      source: SOURCE,
      ...of,
      filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': colour, 'line-width': 1 },
    },
  ];
}
