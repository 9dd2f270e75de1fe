/** The answers about assessment, under `/standards` and `/assess`. */
import type { Text } from './contract';

export interface Edition {
  id: string;
  standard: string;
  title: Text;
  kind: 'set' | 'index' | 'limits' | 'evaluation' | 'water';
  valid_from: string;
  valid_to: string | null;
  confidence: string | null;
  doubtful: boolean;
  notes: Text[];
  /** The set of editions that choosing it means. */
  set?: string | null;
}

export interface Diff {
  a: string;
  b: string;
  rows: {
    table: string;
    row: string;
    column: string;
    before: string | null;
    after: string | null;
    unit: string | null;
    clause: string | null;
  }[];
}

export interface CalendarDay {
  day: string;
  aqi: number | null;
  level: number | null;
  primary: string[];
  reason: Text | null;
  dust: boolean;
  doubtful?: boolean;
}

export interface Calendar {
  year: number;
  edition: { id: string; title?: Text | null };
  days: CalendarDay[];
  counts: {
    assessed: number;
    not_assessed: number;
    good: number;
    heavy: number;
    by_level: Record<string, number>;
    by_primary: Record<string, number>;
  };
}

export interface Cell {
  value: string | null;
  reason: Text | null;
  valid: number | null;
  of: number | null;
  limit: string | null;
  exceed: boolean | null;
  multiple: string | null;
  doubtful?: boolean;
}

export interface CompareRow {
  item: string;
  name: Text;
  statistic: Text;
  unit: string | null;
  this: Cell;
  last: Cell;
  change: {
    absolute: string | null;
    percent: string | null;
    direction: 'better' | 'worse' | 'same' | 'unknown';
  };
  explain: { this: string | null; last: string | null };
}

export interface Compare {
  this: { from: string; to: string };
  last: { from: string; to: string };
  rows: CompareRow[];
  sentence: Text;
  /** Why the two do not compare like with like, when they do not. */
  caution?: Text | null;
}

export interface Rank {
  rows: {
    rank: number | null;
    tie: boolean;
    key: string;
    name: Text;
    value: string | null;
    valid: number | null;
    of: number | null;
    reason: Text | null;
    change: { rank: number | null; value: string | null } | null;
  }[];
}

/** One step of how a result came about; the same shape for all results. */
export interface Step {
  title: Text;
  value: string | null;
  unit: string | null;
  /** How it was done, in the signs of the standard. */
  how: string | null;
  text: Text | null;
  rule: {
    standard: string;
    clause: string | null;
    row: string | null;
    edition: string | null;
    confidence: string | null;
    doubtful: boolean;
  } | null;
  rounding: { from: string; to: string; digits: number; mode: string } | null;
  valid: { have: number; need: number | null; of: number } | null;
  readings: {
    /** Null where the readings are of several. */
    datastream: number | null;
    from: string;
    to: string;
    count: number;
    sequence_min: number | null;
    sequence_max: number | null;
  } | null;
  /** Why it gave nothing. */
  reason: Text | null;
  doubts: Text[];
  /** Where it is explained further. */
  open: string | null;
  inputs: Step[];
  truncated: number | null;
}

export interface WaterMonth {
  month: string;
  class: string | null;
  level: number | null;
  deciding: {
    item: string;
    name: Text;
    class: string | null;
    value: string | null;
    multiple: string | null;
  }[];
  judged: number;
  of: number;
  meets: boolean | null;
  cwqi: string | null;
  reason: Text | null;
  explain: string | null;
}

export interface WaterSite {
  place: string;
  name: Text;
  line: string | null;
  target: string | null;
  body: 'river' | 'lake';
  months: WaterMonth[];
}

export interface WaterPair {
  river: string;
  inflow: string;
  outflow: string;
  months: {
    month: string;
    verdict: 'better' | 'same' | 'worse' | 'undetermined';
    by: string | null;
    reason: Text | null;
  }[];
}

export interface WaterMonths {
  year: number;
  sites: WaterSite[];
  pairs: WaterPair[];
}
