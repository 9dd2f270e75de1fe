import { expect, test } from 'vitest';
import { named, panned, windowOf, zoomed } from './range';

const ZONE = 'Asia/Shanghai';
const NOW = Date.parse('2026-10-03T00:41:00Z');

test('named days are whole civil days of the district, the last one included', () => {
  const range = windowOf(null, '2026-10-01', '2026-10-02', 'hour', NOW, ZONE);
  expect(new Date(range.from).toISOString()).toBe('2026-09-30T16:00:00.000Z');
  expect(new Date(range.to).toISOString()).toBe('2026-10-02T16:00:00.000Z');
  expect(range.span).toBeNull();
});

test('without days a span that ends now is shown, and keeps its name while the clock moves', () => {
  const one = windowOf('24h', null, null, 'hour', NOW, ZONE);
  const two = windowOf('24h', null, null, 'hour', NOW + 60_000, ZONE);
  expect(one.to - one.from).toBe(24 * 3_600_000);
  expect(two.name).toBe(one.name);
});

test('what is no day, or runs backwards, falls back to the usual span of the step', () => {
  expect(windowOf(null, 'x', '2026-10-02', 'raw', NOW, ZONE).span).toBe('24h');
  expect(windowOf(null, '2026-10-02', '2026-10-01', 'hour', NOW, ZONE).span).toBe('7d');
  expect(windowOf('9y', null, null, 'day', NOW, ZONE).span).toBe('30d');
});

test('a window named to the minute is that window, and a zoom writes it so', () => {
  const window = { from: Date.parse('2026-10-01T03:30:00Z'), to: Date.parse('2026-10-01T05:00:00Z') };
  const { from, to } = named(window);
  expect([from, to]).toEqual(['2026-10-01T03:30Z', '2026-10-01T05:00Z']);
  const range = windowOf(null, from, to, 'raw', NOW, ZONE);
  expect([range.from, range.to, range.days]).toEqual([window.from, window.to, ['2026-10-01', '2026-10-01']]);
});

test('a zoom keeps the instant under the pointer where it is, and has a shortest and a longest window', () => {
  const window = { from: 0, to: 100 * 3_600_000 };
  const around = 25 * 3_600_000;
  const half = zoomed(window, 0.5, around, 'hour');
  expect((around - half.from) / (half.to - half.from)).toBeCloseTo(0.25);
  const least = zoomed(window, 1e-9, around, 'hour');
  expect(least.to - least.from).toBe(10 * 60_000);
  const most = zoomed(window, 1e9, around, 'hour');
  expect(most.to - most.from).toBe(366 * 24 * 3_600_000);
});

test('nobody pans into a future in which nothing can be', () => {
  const window = { from: NOW - 3_600_000, to: NOW };
  const later = panned(window, 5, NOW);
  expect(later.from).toBeLessThan(NOW);
  expect(later.to - later.from).toBe(3_600_000);
});

test('no window is longer than what the server answers', () => {
  const range = windowOf(null, '1999-01-01', '2026-10-02', 'raw', NOW, ZONE);
  expect(range.to - range.from).toBe(366 * 24 * 3_600_000);
  expect(range.days[1]).toBe('2026-10-02');
});
