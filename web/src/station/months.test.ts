import { expect, test } from 'vitest';
import { direction, distance, monthAfter } from './months';

test('months go on over the year', () => {
  expect(monthAfter('2026-01', -1)).toBe('2025-12');
  expect(monthAfter('2025-12', 1)).toBe('2026-01');
});

test('a bearing is named by the nearest of eight directions, all the way round', () => {
  expect([0, 44, 90, 200, 338, 359, -90].map((at) => direction(at, 'en'))).toEqual([
    'N',
    'NE',
    'E',
    'S',
    'N',
    'N',
    'W',
  ]);
  expect(direction(315, 'zh')).toBe('西北');
});

test('distances are metres below a kilometre', () => {
  expect([distance(812.4), distance(1930)]).toEqual(['812 m', '1.9 km']);
});
