/** What the tracing panel asks and how it shows the answer. Pure. */
import type { Candidate } from '../api/map';

/** Hours of a window that can be chosen. */
export const WINDOW_HOURS = [3, 6, 12] as const;
/** Candidates that are listed one by one. */
const LISTED = 6;

/** The window that ends with an hour: most of it before, since a rise is looked at when it is there. */
export function windowOf(end: number, hours: number): { from: string; to: string } {
  return { from: new Date(end - hours * 3_600_000).toISOString(), to: new Date(end).toISOString() };
}

/** The first candidates, and what the others have together. */
export function listed(candidates: Candidate[]): { shown: Candidate[]; others: number; rest: number } {
  const shown = candidates.filter((one, i) => i < LISTED && (i < 3 || one.probability >= 0.01));
  const others = candidates.slice(shown.length);
  return { shown, others: others.length, rest: others.reduce((sum, one) => sum + one.probability, 0) };
}

/** A probability as a whole per cent; what is nearly nothing or nearly sure is not called nothing or sure. */
export function percent(probability: number): string {
  if (probability < 0.005) return '<1';
  if (probability > 0.995) return '>99';
  return String(Math.round(100 * probability));
}

/** A number with two digits that count. */
export function rough(value: number): string {
  return String(Number(value.toPrecision(2)));
}
