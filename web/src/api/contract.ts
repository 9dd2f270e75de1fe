/**
 * The answers of `/api/v1` as the page reads them.
 *
 * Instants are RFC 3339 in UTC; civil days are `YYYY-MM-DD`. Missing is `null` with a reason beside it.
 */

export interface Text {
  zh: string;
  en: string;
}

export interface Problem {
  code: string;
  message: Text;
  hint?: Text | null;
}

export interface District {
  name: Text;
  zone: string;
  simulated: boolean;
  bbox: [number, number, number, number];
  now: string;
  sequence: number;
  version: string;
}

export type PlaceKind =
  'air_station' | 'micro_station' | 'dust_site' | 'water_site' | 'stack' | 'enterprise' | 'weather_station';

export type Position = [number, number];

export interface Area {
  key: string;
  name: Text;
  ring?: Position[] | null;
}

export interface Line {
  key: string;
  name: Text;
  kind: 'river' | 'road';
  path: Position[];
}

export interface Place {
  key: string;
  name: Text;
  kind: PlaceKind;
  lon: number;
  lat: number;
  area: string | null;
  simulated: boolean;
}

export interface Places {
  areas: Area[];
  lines: Line[];
  places: Place[];
}

export interface Parameter {
  key: string;
  name: Text;
  symbol: string;
  unit: string;
  decimals: number;
}

export type Period = 'instant' | 'minute' | 'hour' | 'day';
export type Statistic =
  | 'instant'
  | 'mean'
  | 'min'
  | 'max'
  | 'total'
  | 'instant_converted'
  | 'mean_converted'
  | 'min_converted'
  | 'max_converted'
  | 'index'
  | 'state';

export interface Datastream {
  id: number;
  place: string;
  device: string | null;
  parameter: string;
  statistic: Statistic;
  period: Period;
  unit: string;
  first: string | null;
  last: string | null;
}

export type Step = 'raw' | 'hour' | 'day';

export interface Gap {
  from: string;
  to: string;
  reason: string;
}

export interface Readings {
  datastream: Datastream;
  from: string;
  to: string;
  step: Step;
  columns: {
    time: number[];
    value: (number | null)[];
    flag: number[];
    sequence: number[];
  };
  gaps: Gap[];
  truncated: { shown: number; of: number; hint: Text } | null;
}

export type Quality = 'good' | 'unknown' | 'suspect' | 'fail' | 'missing';

export interface LatestItem {
  place: string;
  parameter: string;
  datastream: number;
  time: string;
  period: Period;
  value: number | null;
  flag: number;
  quality: Quality;
  mark: string;
  sequence: number;
  age_s: number;
}

export interface Latest {
  sequence: number;
  items: LatestItem[];
}

export type Level = 1 | 2 | 3 | 4 | 5 | 6;

/** The largest single index of a place that measures only some of the six: never called the AQI. */
export interface Partial {
  aqi: number;
  level: Level | null;
  of: string[];
}

export interface IndexNowItem {
  place: string;
  hour: string | null;
  aqi: number | null;
  level: Level | null;
  primary: string[];
  reason: Text | null;
  partial: Partial | null;
}

export interface IndexNow {
  edition: string;
  items: IndexNowItem[];
  district: {
    aqi: number | null;
    level: Level | null;
    primary: string[];
    hour: string | null;
    reason: Text | null;
    spark: { hour: string; aqi: number | null }[];
  };
}

export interface IndexItem {
  start: string;
  edition: string;
  aqi: number | null;
  level: Level | null;
  primary: string[];
  iaqi: Record<string, number | null>;
  concentration: Record<string, string | null>;
  reason: Text | null;
  partial: Partial | null;
}

export interface IndexSeries {
  place: string;
  items: IndexItem[];
}

export interface ExplainInput {
  datastream: number;
  time: string;
  value: number | null;
  flag: number;
  sequence: number;
}

export interface Breakpoint {
  bp: string;
  iaqi: number;
}

export interface ExplainRow {
  pollutant: string;
  column: string;
  unit: string;
  average: string | null;
  rounded: string | null;
  lo: Breakpoint | null;
  hi: Breakpoint | null;
  iaqi: number | null;
  capture: { have: number; need: number; of: number } | null;
  reason: Text | null;
  source: string | null;
  doubts: Text[];
  inputs: ExplainInput[];
}

export interface Explain {
  place: string;
  period: 'hour' | 'day';
  start: string;
  edition: { id: string; valid_from: string; valid_to: string | null; title: Text; clause: string };
  aqi: number | null;
  level: Level | null;
  category: Text | null;
  primary: string[];
  sentence: Text;
  reason: Text | null;
  partial: Partial | null;
  doubts: Text[];
  rows: ExplainRow[];
}

export interface Category {
  level: Level;
  range: [number, number];
  name: Text;
  colour: string;
  source: string;
}

export interface Limit {
  standard: string;
  phase: string;
  pollutant: string;
  averaging: string;
  grade1: number;
  grade2: number;
  unit: string;
  source: string;
}

export interface AirIndex {
  edition: string;
  title: Text;
  categories: Category[];
  limits: Limit[];
}

export interface Account {
  received: number;
  stored: number;
  duplicate: number;
  rejected: number;
  quarantined: number;
  in_flight: number;
}

export type Disposition = 'stored' | 'duplicate' | 'rejected' | 'quarantined';

export interface LedgerRow {
  hour?: string | null;
  device?: string | null;
  unit: 'frame' | 'reading';
  disposition: Disposition;
  reason: string | null;
  count: number;
}

export interface Ledger {
  day: string;
  frames: Account;
  readings: Account;
  balanced: boolean;
  rows: LedgerRow[];
}

export interface FrameLine {
  sequence: number;
  received_at: string;
  device: string | null;
  mn: string | null;
  place: string | null;
  disposition: Disposition;
  reason: string | null;
  length: number;
  cn: string | null;
}

export interface Frame {
  sequence: number;
  received_at: string;
  device: string | null;
  place: string | null;
  disposition: Disposition;
  reason: string | null;
  hex: string;
  text: string;
  decoded: {
    ok: boolean;
    header: Record<string, string>;
    flag: { raw: number; version: number; ack: boolean; split: boolean } | null;
    groups: [string, string][][];
    deviations: string[];
    errors: string[];
  } | null;
  problems: { name: string; at: number | null; message: Text }[];
  readings: { datastream: number; parameter: string; time: string; value: number | null; flag: number }[];
}

/** What `/events` sends, by the name of the event. */
export interface Events {
  hello: { sequence: number; now: string };
  latest: Latest;
  index: { items: IndexNowItem[] };
  ledger: Pick<Ledger, 'day' | 'frames' | 'readings'>;
}
