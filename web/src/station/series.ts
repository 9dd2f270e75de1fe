/** Which datastream answers a question, and how its readings become a line. Pure. */
import type { Datastream, Limit, Period, Readings, Step } from '../api/contract';
import { qualityOf } from '../flags';

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
 * The columns of an answer as a line. Within each gap that the server names stands a null, so that the
 * line is never joined over it, whether or not the columns have a row there.
 */
export function lineOf(readings: Readings): Line {
  const { time, value, flag } = readings.columns;
  const rows = time.map((at, i) => ({ at, value: value[i] ?? null, origin: i }));
  for (const gap of readings.gaps) rows.push({ at: Date.parse(gap.from), value: null, origin: -1 });
  rows.sort((a, b) => a.at - b.at || b.origin - a.origin);
  const kept = rows.filter((row, i) => row.origin >= 0 || row.at !== rows[i - 1]?.at);
  const isMarked = (origin: number) => origin >= 0 && qualityOf(flag[origin] ?? 0) !== 'good';
  return {
    time: kept.map((row) => row.at / 1000),
    value: kept.map((row) => row.value),
    marked: kept.map((row) => (isMarked(row.origin) ? row.value : null)),
    origin: kept.map((row) => row.origin),
  };
}

/**
 * Whether the sequence of a reading is that of a frame: only when the device itself sent this period.
 * What was thinned for drawing opens the readings of its day instead.
 */
export function isFromWire(stream: Datastream, step: Step): boolean {
  return stream.device !== null && (step === 'raw' || step === stream.period);
}

/** Limits that may be compared with values of a step: those of the same averaging time, and no other. */
export function limitsFor(limits: Limit[], symbol: string, step: Step): Limit[] {
  if (step === 'raw') return [];
  const averaging = step === 'hour' ? '1h' : '24h';
  return limits.filter((limit) => limit.pollutant === symbol && limit.averaging === averaging);
}
