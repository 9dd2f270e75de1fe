/** Answers that the big screen asks for: the district by hour, places by hour, against last year, reaches. */
import type { Text } from '../api/contract';
import type { WaterClass } from '../parts/water';

export interface Strip {
  sequence: number;
  items: { start: string; aqi: number | null; level: number | null; reason: Text | null }[];
}

export interface Frames {
  start: string;
  count: number;
  step_s: number;
  places: string[];
  values: (number | null)[][];
  /** One digit an hour for each place; 0 is none. */
  levels: string[];
}

export interface Side {
  value: string | null;
  reason: Text | null;
}

export interface Comparison {
  this: { from: string; to: string };
  last: { from: string; to: string };
  rows: {
    item: string;
    name: Text;
    unit: string;
    this: Side;
    last: Side;
    change: { percent: string | number | null; direction: 'better' | 'worse' | 'same' | 'unknown' };
  }[];
}

export interface Reaches {
  at: string;
  items: {
    line: string;
    site: string | null;
    class: WaterClass | null;
    level: number;
    deciding: { parameter: string; value: number | null }[];
    hour: string | null;
    reason: Text | null;
  }[];
}
