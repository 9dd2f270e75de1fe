/** The window of time that the address asks for. Pure. */
import type { Step } from '../api/contract';
import * as format from '../format';

export const SPANS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;
export type Span = keyof typeof SPANS;

/** What each step shows when the address does not say. */
const USUAL: Record<Step, Span> = { raw: '24h', hour: '7d', day: '30d' };
const HOUR_MS = 3_600_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export interface Range {
  /** Milliseconds since 1970; `to` is not included. */
  from: number;
  to: number;
  /** The span that ends now, or null when civil days were named. */
  span: Span | null;
  /** First and last civil day, both included. */
  days: [string, string];
  /** The same for the same question, also when `now` has moved on. */
  name: string;
}

/** Named days win over a span; wrong or reversed days fall back to the usual span of the step. */
export function windowOf(
  span: string | null,
  from: string | null,
  to: string | null,
  step: Step,
  now: number,
  zone: string,
): Range {
  if (from && to && DAY.test(from) && DAY.test(to) && from <= to) {
    return {
      from: format.dayStart(from, zone),
      to: format.dayStart(dayAfter(to), zone),
      span: null,
      days: [from, to],
      name: `${from}/${to}`,
    };
  }
  const chosen = span !== null && span in SPANS ? (span as Span) : USUAL[step];
  const start = now - SPANS[chosen] * HOUR_MS;
  return {
    from: start,
    to: now,
    span: chosen,
    days: [format.day(start, zone), format.day(now, zone)],
    name: chosen,
  };
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 24 * HOUR_MS).toISOString().slice(0, 10);
}
