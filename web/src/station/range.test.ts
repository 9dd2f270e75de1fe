import { expect, test } from 'vitest';
import { windowOf } from './range';

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
