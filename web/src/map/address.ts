/** What the address of the map may say, and what of it is not understood. Pure. */
import { hourIn, WINDOWS } from '../timeline/hour';

/** What dots can be coloured by; `water` shows the class of reaches and water sites alone. */
export const PARAMETERS = ['aqi', 'pm25', 'pm10', 'no2', 'o3', 'so2', 'co', 'water'] as const;
export type Parameter = (typeof PARAMETERS)[number];

/** Layers that can be switched, and whether they are on when nobody says otherwise. */
export const LAYERS = {
  air_station: true,
  micro_station: true,
  dust_site: true,
  water_site: true,
  stack: true,
  enterprise: true,
  weather_station: true,
  outfall: true,
  gate: true,
  vehicle: true,
  patrol: true,
  field: true,
  areas: true,
  fill: false,
  villages: true,
  rivers: true,
  roads: true,
  tracks: true,
  base: true,
} as const;
export type Layer = keyof typeof LAYERS;

export const LAYER_NAMES = Object.keys(LAYERS) as Layer[];

export function parameterIn(text: string | null): Parameter {
  return PARAMETERS.find((one) => one === text) ?? 'aqi';
}

/** Which layers are on: the address names those that are not as usual, `layers=field,villages`. */
export function layersIn(text: string | null): Record<Layer, boolean> {
  const turned = new Set((text ?? '').split(','));
  return Object.fromEntries(LAYER_NAMES.map((name) => [name, LAYERS[name] !== turned.has(name)])) as Record<
    Layer,
    boolean
  >;
}

/** The text for the address after one layer was turned; null when all are as usual. */
export function turned(text: string | null, layer: Layer): string | null {
  const names = new Set((text ?? '').split(',').filter((one) => one in LAYERS));
  if (!names.delete(layer)) names.add(layer);
  return [...names].join(',') || null;
}

/** `34.8011,113.4994,11.60`: latitude, longitude, zoom. */
export function viewIn(text: string | null): { lat: number; lon: number; zoom: number } | null {
  const parts = (text ?? '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [lat = NaN, lon = NaN, zoom = NaN] = parts;
  const isFine = Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= 22;
  return parts.length === 3 && isFine ? { lat, lon, zoom } : null;
}

/** `key=value` of everything in the address that is not understood. */
export function notUnderstood(param: (key: string) => string | null): string[] {
  const checks: [string, (text: string) => boolean][] = [
    ['t', (text) => hourIn(text) !== null],
    ['w', (text) => text in WINDOWS],
    ['p', (text) => (PARAMETERS as readonly string[]).includes(text)],
    ['at', (text) => viewIn(text) !== null],
    ['layers', (text) => text.split(',').every((one) => one in LAYERS)],
    ['panel', (text) => text === 'view' || text === 'trace'],
  ];
  return checks.flatMap(([key, isFine]) => {
    const text = param(key);
    return text === null || isFine(text) ? [] : [`${key}=${text}`];
  });
}
