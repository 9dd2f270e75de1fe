import { expect, test } from 'vitest';
import type { CalendarDay } from '../api/assess';
import { dayAt, differences, later } from './calendar';

function day(name: string, level: number | null): CalendarDay {
  return {
    day: name,
    level,
    aqi: level === null ? null : level * 50,
    primary: [],
    reason: null,
    dust: false,
    doubtful: false,
  };
}

test('a calendar has the days that there are, leap days too', () => {
  expect(dayAt(2024, 2, 29)).toBe('2024-02-29');
  expect(dayAt(2026, 2, 29)).toBeNull();
  expect(dayAt(2026, 4, 31)).toBeNull();
  expect(dayAt(2026, 12, 31)).toBe('2026-12-31');
});

test('one day further crosses the month and the year', () => {
  expect(later('2026-12-31', 1)).toBe('2027-01-01');
  expect(later('2026-03-01', -1)).toBe('2026-02-28');
});

test('days that change class are counted by direction; an equal class or two gaps are no change', () => {
  const first = [day('a', 2), day('b', 2), day('c', 3), day('d', null), day('e', null), day('f', 1)];
  const second = [day('a', 2), day('b', 3), day('c', 2), day('d', null), day('e', 1), day('f', null)];
  const found = differences(first, second);
  expect([...found.days]).toEqual(['b', 'c', 'e', 'f']);
  expect([found.better, found.worse, found.only]).toEqual([1, 1, 2]);
});
