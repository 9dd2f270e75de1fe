/** Days of a year in the order of a calendar, and how two calendars differ. Pure. */
import type { CalendarDay } from '../api/assess';

const DAY_MS = 86_400_000;

export const MONTHS: readonly number[] = Array.from({ length: 12 }, (_, i) => i + 1);
export const DAYS: readonly number[] = Array.from({ length: 31 }, (_, i) => i + 1);

/** The civil day of a cell, or null where the month is shorter. */
export function dayAt(year: number, month: number, day: number): string | null {
  const text = `${String(year)}-${two(month)}-${two(day)}`;
  const at = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text ? null : text;
}

/** The day that many days later. */
export function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function byDay(days: CalendarDay[]): Map<string, CalendarDay> {
  return new Map(days.map((one) => [one.day, one]));
}

export interface Differences {
  days: Set<string>;
  /** Of the days that both editions assess: a lower class in the second, a higher one. */
  better: number;
  worse: number;
  /** Assessed by one of the editions only. */
  only: number;
}

/** Days whose class the second calendar has otherwise. The classes are the server's; here they are only compared. */
export function differences(first: CalendarDay[], second: CalendarDay[]): Differences {
  const others = byDay(second);
  const found: Differences = { days: new Set(), better: 0, worse: 0, only: 0 };
  for (const { day, level } of first) {
    const other = others.get(day)?.level ?? null;
    if (level === other) continue;
    found.days.add(day);
    if (level === null || other === null) found.only += 1;
    else if (other < level) found.better += 1;
    else found.worse += 1;
  }
  return found;
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}
