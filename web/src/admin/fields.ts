/** What the registry knows of each kind of entry, and how a form shows it. Names are those of the registry file. */
import type { Word } from '../words';

export type Kind = 'places' | 'lines' | 'areas' | 'devices';
export const KINDS: readonly Kind[] = ['places', 'lines', 'areas', 'devices'];

/** An entry as the registry file has it; a form changes the fields that it knows and keeps the others. */
export type Entry = Record<string, unknown>;

export interface Field {
  name: string;
  type: 'text' | 'names' | 'number' | 'day' | 'choice' | 'key' | 'points' | 'json' | 'flag';
  /** Of `choice`: its values. */
  values?: readonly string[];
  /** Of `key`: the kind of entry it names. */
  of?: Kind;
  required?: boolean;
}

const VALIDITY: Field[] = [
  { name: 'valid_from', type: 'day' },
  { name: 'valid_to', type: 'day' },
];

const PLACE_KINDS = [
  'air_station',
  'micro_station',
  'dust_site',
  'water_site',
  'stack',
  'enterprise',
  'weather_station',
  'outfall',
  'gate',
  'vehicle',
  'patrol',
];

const FIELDS: Record<Kind, Field[]> = {
  places: [
    { name: 'name', type: 'names', required: true },
    { name: 'kind', type: 'choice', values: PLACE_KINDS, required: true },
    { name: 'lon', type: 'number', required: true },
    { name: 'lat', type: 'number', required: true },
    { name: 'area', type: 'key', of: 'areas' },
    { name: 'line', type: 'key', of: 'lines' },
    { name: 'height_m', type: 'number' },
    ...VALIDITY,
    { name: 'targets', type: 'json' },
    { name: 'emits', type: 'json' },
    { name: 'simulated', type: 'flag' },
  ],
  lines: [
    { name: 'name', type: 'names', required: true },
    { name: 'kind', type: 'choice', values: ['river', 'reach', 'road'], required: true },
    { name: 'within', type: 'key', of: 'lines' },
    { name: 'path', type: 'points', required: true },
    ...VALIDITY,
  ],
  areas: [
    { name: 'name', type: 'names', required: true },
    {
      name: 'kind',
      type: 'choice',
      values: ['sub_district', 'village', 'catchment', 'premises'],
      required: true,
    },
    { name: 'within', type: 'key', of: 'areas' },
    { name: 'ring', type: 'points' },
    ...VALIDITY,
  ],
  devices: [
    { name: 'place', type: 'key', of: 'places', required: true },
    { name: 'password', type: 'text' },
    { name: 'dialect', type: 'choice', values: ['2005', '2017', '2025', 'surface-water'] },
    { name: 'period_named_by_end', type: 'flag' },
    ...VALIDITY,
  ],
};

export function fieldsOf(kind: Kind): readonly Field[] {
  return FIELDS[kind];
}

/** The field by which an entry of a kind is known. */
export function keyField(kind: Kind): 'key' | 'mn' {
  return kind === 'devices' ? 'mn' : 'key';
}

export function kindOf(text: string): Kind | null {
  return KINDS.find((kind) => kind === text) ?? null;
}

export function fieldWord(name: string): Word {
  return `field.${name}` as Word;
}

/** The fields in which two entries differ, in the order of the form, others after them. */
export function differing(kind: Kind, a: Entry, b: Entry): string[] {
  const order = fieldsOf(kind).map(({ name }) => name);
  const names = [...new Set([...order, ...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => text(a[name]) !== text(b[name]));
}

/** A value as one line for people; a long list by its length. */
export function text(value: unknown): string {
  if (value === undefined || value === null || value === '' || value === false) return '';
  if (Array.isArray(value)) {
    if (value.length === 0) return '';
    const whole = JSON.stringify(value);
    return whole.length > 120 ? `[${String(value.length)}] ${whole.slice(0, 100)}…` : whole;
  }
  if (typeof value === 'object') return Object.values(value).filter(Boolean).map(String).join(' / ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `113.4 34.8` on each line. */
export function pointsText(value: unknown): string {
  if (!Array.isArray(value)) return '';
  return value.map((point) => (Array.isArray(point) ? point.join(' ') : '')).join('\n');
}

/** The points of such a text, or the number of the first line that is none. */
export function pointsIn(text: string): [number, number][] | number {
  const points: [number, number][] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [lon, lat, ...more] = line
      .trim()
      .split(/[\s,，]+/)
      .map(Number);
    const whole = lon !== undefined && lat !== undefined && more.length === 0;
    if (!whole || !Number.isFinite(lon) || !Number.isFinite(lat)) return i + 1;
    points.push([lon, lat]);
  }
  return points;
}
