/** What the map asks for beyond the registry: hours of values, the strip, fields, tracks, classes of reaches. */
import type { Text } from './contract';

/** Hours of one parameter for all places that have it. */
export interface Frames {
  sequence: number;
  parameter: string;
  unit: string;
  edition: string;
  step_s: number;
  start: string;
  count: number;
  places: string[];
  /** Per place one value per hour. */
  values: (number | null)[][];
  /** Per place one digit per hour: 0 none, 1 to 6 the class. */
  levels: string[];
}

export interface StripItem {
  start: string;
  aqi: number | null;
  level: number | null;
  primary: string[];
  /** 0 to 1. */
  capture: number;
  reason: Text | null;
}

export interface Strip {
  sequence: number;
  step_s: number;
  items: StripItem[];
}

/** A surface of one hour as a small grid. */
export interface Field {
  sequence: number;
  parameter: string;
  unit: string;
  at: string;
  method_note: Text;
  stations: string[];
  left_out: { place: string; reason: Text }[];
  bbox: number[];
  cols: number;
  rows: number;
  lo: number;
  hi: number;
  /** Base64 of one byte per cell, rows from the north-west; 0 is unknown. */
  values: string;
  ramp: [number, string][];
  reason: Text | null;
}

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
