import { expect, test } from 'vitest';
import type { Series } from './series';
import { thinned } from './thin';

const MINUTE = 60_000;

function minutes(values: (number | null)[], flags: number[] = []): Series {
  return {
    time: values.map((_, i) => i * MINUTE),
    value: values,
    flag: values.map((_, i) => flags[i] ?? 1),
    sequence: values.map((_, i) => i + 1),
    from: 0,
    to: values.length * MINUTE,
    gaps: null,
    truncated: null,
  };
}

test('a year of minutes becomes a few points a column, with its lowest and highest value', () => {
  const count = 525_600;
  const values = Array.from({ length: count }, (_, i) => Math.sin(i / 700));
  values[123_456] = 9;
  values[345_678] = -9;
  const series = minutes(values);
  const line = thinned(series, series, 2000);
  expect(line.time.length).toBeLessThanOrEqual(4 * 2000 + 8);
  expect(line.value).toContain(9);
  expect(line.value).toContain(-9);
  expect(line.origin[0]).toBe(0);
  expect(line.origin.at(-1)).toBe(count - 1);
  expect(line.time.every((at, i) => i === 0 || at >= (line.time[i - 1] ?? 0))).toBe(true);
});

test('a gap stays a gap, however many rows it has, and so does a silence', () => {
  const values: (number | null)[] = Array.from({ length: 1000 }, () => 1);
  values.fill(null, 400, 420);
  const series = minutes(values);
  const line = thinned(series, series, 10);
  expect(line.value.filter((value) => value === null)).toHaveLength(1);
  const silent = { ...minutes(Array.from({ length: 100 }, () => 1)) };
  silent.time = Array.from({ length: 100 }, (_, i) => (i < 50 ? i : i + 60) * MINUTE);
  const other = thinned(silent, { from: 0, to: 160 * MINUTE }, 4);
  expect(other.value.filter((value) => value === null)).toHaveLength(1);
  expect(other.time[other.value.indexOf(null)]).toBe(50 * 60);
});

test('a doubtful reading is kept and marked, also in the middle of a column', () => {
  const flags = Array.from({ length: 1000 }, () => 1);
  flags[555] = 3;
  const series = minutes(
    Array.from({ length: 1000 }, () => 5),
    flags,
  );
  const line = thinned(series, series, 10);
  expect(line.marked.filter((value) => value !== null)).toEqual([5]);
  expect(line.origin[line.marked.findIndex((value) => value !== null)]).toBe(555);
});
