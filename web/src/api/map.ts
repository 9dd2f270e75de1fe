/** What the map asks for beyond the registry: hours of values, the strip, fields, tracks, classes of reaches. */
import type { Text } from './contract';
import type { components } from './types';

type Schemas = components['schemas'];

export type Frames = Schemas['Frames'];
export type Strip = Schemas['Strip'];
export type StripItem = Schemas['StripItem'];
export type Field = Schemas['Field'];

export interface Track {
  place: string;
  kind: string;
  parameter: string;
  /** Milliseconds since 1970, longitude, latitude, value, class. */
  points: [number, number, number, number | null, number][];
}

export interface Tracks {
  sequence: number;
  tracks: Track[];
}

export interface LineClass {
  line: string;
  site: string | null;
  class: string | null;
  level: number;
  deciding: { parameter: string; value: number | null; class: string }[];
  hour: string | null;
  reason: Text | null;
}

export interface LineClasses {
  at: string;
  items: LineClass[];
}

export interface Found {
  kind: 'place' | 'line' | 'area' | 'device' | 'parameter';
  key: string;
  name: Text;
  area: string | null;
}

export interface Basemap {
  kind: 'none' | 'geojson' | 'pmtiles';
  url: string | null;
  attribution: string | null;
  bbox: number[] | null;
  minzoom: number | null;
  maxzoom: number | null;
  layers: string[];
  problem: Text | null;
}
