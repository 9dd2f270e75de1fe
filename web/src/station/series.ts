/** Which datastream answers a question, and how its readings become a line. Pure. */
import type { Datastream, Limit, Period, Readings, Step } from '../api/contract';
import { qualityOf } from '../flags';
import type { Columns } from './columns';

/** Periods that can answer each step, best first. */
const PREFERENCE: Record<Step, Period[]> = {
  raw: ['instant', 'minute', 'hour', 'day'],
  hour: ['hour', 'minute', 'instant', 'day'],
  day: ['day', 'hour', 'minute', 'instant'],
};

/** The datastream of a parameter that fits a step best: the right period first, then the mean. */
export function choose(streams: Datastream[], parameter: string, step: Step): Datastream | null {
  const order = PREFERENCE[step];
  const rank = (stream: Datastream) =>
    order.indexOf(stream.period) * 10 +
    (stream.statistic === 'mean' || stream.statistic === 'instant' ? 0 : 1);
  const [best] = streams
    .filter((stream) => stream.parameter === parameter && stream.statistic !== 'index')
    .sort((a, b) => rank(a) - rank(b) || a.id - b.id);
  return best ?? null;
}

/** A series however it came: as JSON, as binary columns, or as the values of an index. */
export interface Series extends Columns {
  from: number;
  to: number;
  /** Null where the form of the answer does not tell reasons. */
  gaps: Readings['gaps'] | null;
  truncated: { shown: number; of: number } | null;
}

export function seriesOf(readings: Readings): Series {
  const { columns, gaps, truncated } = readings;
  return { ...columns, from: Date.parse(readings.from), to: Date.parse(readings.to), gaps, truncated };
}

export interface Line {
  /** Seconds since 1970, ascending, as uPlot wants them. */
  time: number[];
  /** Null where the line must break. */
  value: (number | null)[];
  /** The same values where the reading is not good, else null: drawn as marks. */
  marked: (number | null)[];
  /** Index into the columns of the answer, or -1 for a break that was put in. */
  origin: number[];
}

/**
 * A series as a line. Within each gap stands a null, so that the line is never joined over it, whether or
 * not the columns have a row there. Where no gaps are told, a silence of more than one and a half usual
 * steps is one.
 */
export function lineOf(series: Series): Line {
  const { time, value, flag, gaps } = series;
  const breaks = gaps?.map(({ from }) => Date.parse(from)) ?? silences(time);
  breaks.sort((a, b) => a - b);
  const line: Line = { time: [], value: [], marked: [], origin: [] };
  let next = 0;
  const add = (at: number, one: number | null, origin: number, marked: boolean): void => {
    line.time.push(at / 1000);
    line.value.push(one);
    line.marked.push(marked ? one : null);
    line.origin.push(origin);
  };
  const breakUntil = (limit: number): void => {
    for (; next < breaks.length && (breaks[next] ?? 0) < limit; next += 1) {
      if (breaks[next] !== (line.time.at(-1) ?? 0) * 1000) add(breaks[next] ?? 0, null, -1, false);
    }
  };
  for (let i = 0; i < time.length; i += 1) {
    const at = time[i] ?? 0;
    breakUntil(at);
    if (breaks[next] === at) next += 1;
    add(at, value[i] ?? null, i, qualityOf(flag[i] ?? 0) !== 'good');
  }
  breakUntil(Infinity);
  return line;
}

/** Starts of the silences in a series of which only the rows are known. */
function silences(time: ArrayLike<number>): number[] {
  const usual = usualStep(time);
  const found: number[] = [];
  for (let i = 1; i < time.length; i += 1) {
    const before = time[i - 1] ?? 0;
    if ((time[i] ?? 0) - before > 1.5 * usual) found.push(before + usual);
  }
  return found;
}

/** The step between rows that is the most usual one: the median of the first thousand. */
export function usualStep(time: ArrayLike<number>): number {
  const steps: number[] = [];
  for (let i = 1; i < Math.min(time.length, 1000); i += 1) steps.push((time[i] ?? 0) - (time[i - 1] ?? 0));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? Infinity;
}

/** The first index whose time is not before an instant; the length when there is none. */
export function indexAt(time: ArrayLike<number>, at: number): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lowest, highest and number of the values in a window, without making a copy of them. */
export function summary(
  series: Columns,
  from: number,
  to: number,
): { count: number; low: number; high: number } {
  const found = { count: 0, low: Infinity, high: -Infinity };
  const end = indexAt(series.time, to);
  for (let i = indexAt(series.time, from); i < end; i += 1) {
    const value = series.value[i] ?? null;
    if (value === null) continue;
    found.count += 1;
    if (value < found.low) found.low = value;
    if (value > found.high) found.high = value;
  }
  return found;
}

/**
 * Whether the sequence of a reading is that of a frame: only when the device itself sent this period.
 * What was thinned for drawing opens the readings of its day instead.
 */
export function isFromWire(stream: Datastream, step: Step): boolean {
  return stream.device !== null && (step === 'raw' || step === stream.period);
}

/** Limits that may be compared with values of an averaging time: those of the same one, and no other. */
export function limitsFor(limits: Limit[], symbol: string, averaging: '1h' | '8h' | '24h' | null): Limit[] {
  return limits.filter((limit) => limit.pollutant === symbol && limit.averaging === averaging);
}
