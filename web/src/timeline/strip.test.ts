import { expect, test } from 'vitest';
import { HOUR_MS } from './hour';
import { cellsOf, skyline, ticksOf } from './strip';

const ITEMS = [
  { aqi: 60, level: 2 },
  { aqi: 320, level: 6 },
  null,
  { aqi: null, level: null },
  { aqi: 2, level: 1 },
];

test('a bar is as high as its index, never too low to see and never past the top', () => {
  expect(cellsOf(ITEMS, 2)).toBe('M0 34v-6.8h1v6.8z');
  expect(cellsOf(ITEMS, 6)).toBe('M1 34v-34.0h1v34.0z');
  expect(cellsOf(ITEMS, 1)).toBe('M4 34v-5.0h1v5.0z');
});

test('the line over the bars is broken where nothing was judged', () => {
  expect(skyline(ITEMS)).toBe('M0 27.2h1V0.0h1M4 29.0h1');
});

test('a week has a mark for each day, at midnight of the district', () => {
  const start = Date.UTC(2026, 10, 15, 3);
  const ticks = ticksOf(start, 168, 'Asia/Shanghai', 900, 'en');
  expect(ticks.filter(({ strong }) => strong).map(({ label }) => label)).toEqual(
    [16, 17, 18, 19, 20, 21, 22].map((day) => `${String(day)} Nov`),
  );
  expect(ticks[0]?.hour).toBe(Date.UTC(2026, 10, 15, 4));
  const month = ticksOf(start, 720, 'Asia/Shanghai', 600, 'zh');
  expect(month.every(({ strong }) => strong)).toBe(true);
  expect((month[1]?.hour ?? 0) - (month[0]?.hour ?? 0)).toBeGreaterThan(24 * HOUR_MS);
});

test('on a small phone no label is cut or lies on another, at whatever hour of the day', () => {
  const [wide, hours] = [288, 168];
  for (let now = 0; now < 24; now += 1) {
    const start = Date.UTC(2026, 10, 22, now);
    const ticks = ticksOf(start, hours, 'Asia/Shanghai', wide, 'zh');
    const spans = ticks.map(({ hour, late }) => {
      const at = ((hour - start) / HOUR_MS) * (wide / hours);
      return late ? [at - 53, at] : [at, at + 53];
    });
    expect(ticks.length).toBeGreaterThan(1);
    spans.forEach(([left = 0, right = 0], i) => {
      expect(right, `cut at ${String(now)}`).toBeLessThanOrEqual(wide);
      expect(left, `on another at ${String(now)}`).toBeGreaterThanOrEqual(spans[i - 1]?.[1] ?? 0);
    });
  }
});
