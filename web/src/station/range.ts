/** The window of time that the address asks for, and how it moves. Pure. */
import type { Step } from '../api/contract';
import * as format from '../format';

export const SPANS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24, '1y': 365 * 24 } as const;
export type Span = keyof typeof SPANS;

/** What each step shows when the address does not say. */
const USUAL: Record<Step, Span> = { raw: '24h', hour: '7d', day: '30d' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** An instant to the minute, as a zoom writes it. */
const MINUTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/;

/** Shortest and longest window; the server answers at most 400 days of readings and 4 000 of days. */
const SHORTEST_MS = 10 * 60_000;
const LONGEST_MS: Record<Step, number> = { raw: 366 * DAY_MS, hour: 366 * DAY_MS, day: 10 * 366 * DAY_MS };

export interface Range {
  /** Milliseconds since 1970; `to` is not included. */
  from: number;
  to: number;
  /** The span that ends now, or null when times were named. */
  span: Span | null;
  /** First and last civil day, both included. */
  days: [string, string];
  /** The same for the same question, also when `now` has moved on. */
  name: string;
}

/** Named times win over a span; wrong or reversed ones fall back to the usual span of the step. */
export function windowOf(
  span: string | null,
  from: string | null,
  to: string | null,
  step: Step,
  now: number,
  zone: string,
): Range {
  const named = instants(from, to, zone);
  if (named) {
    const [start, end] = named;
    return {
      from: Math.max(start, end - LONGEST_MS[step]),
      to: end,
      span: null,
      days: [format.day(start, zone), format.day(end - 1, zone)],
      name: `${String(from)}/${String(to)}`,
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

/** Two days, both included, or two minutes, the last not included; null when they are neither. */
function instants(from: string | null, to: string | null, zone: string): [number, number] | null {
  if (!from || !to) return null;
  const start = read(from, (day) => format.dayStart(day, zone));
  const end = read(to, (day) => format.dayStart(dayAfter(day), zone));
  return start < end ? [start, end] : null;
}

/** NaN for what is no time: it compares false with everything. */
function read(text: string, ofDay: (day: string) => number): number {
  if (MINUTE.test(text)) return Date.parse(text);
  return DAY.test(text) && !Number.isNaN(Date.parse(text)) ? ofDay(text) : Number.NaN;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

/** A window as the parameters of an address, to the minute. */
export function named({ from, to }: { from: number; to: number }) {
  const minute = (at: number) => `${new Date(Math.round(at / 60_000) * 60_000).toISOString().slice(0, 16)}Z`;
  return { from: minute(from), to: minute(to), span: null };
}

export interface Window {
  from: number;
  to: number;
}

/** The window `factor` times as long, with the instant `around` where it was. */
export function zoomed(window: Window, factor: number, around: number, step: Step): Window {
  const length = window.to - window.from;
  const wanted = Math.min(Math.max(length * factor, SHORTEST_MS), LONGEST_MS[step]);
  const share = (around - window.from) / length;
  const from = around - share * wanted;
  return { from, to: from + wanted };
}

/** The window moved by a share of its length; never wholly past `latest`. */
export function panned(window: Window, share: number, latest: number): Window {
  const length = window.to - window.from;
  const to = Math.min(window.to + share * length, Math.max(latest + 0.1 * length, window.to));
  return { from: to - length, to };
}
