import { expect, test } from 'vitest';
import { distance_m, isPossible, length_m, type Point } from './way';

test('a degree of latitude is 111.2 km', () => {
  expect(distance_m([113, 34], [113, 35])).toBeCloseTo(111_195, -1);
});

test('the way is the sum of its steps, and a track of one point has none', () => {
  const track: Point[] = [
    [0, 113, 34],
    [1000, 113, 34.001],
    [2000, 113, 34.002],
  ];
  expect(length_m(track)).toBeCloseTo(222.4, 0);
  expect(length_m(track.slice(0, 1))).toBe(0);
});

test('a jump across the town, or back in time, is not believed', () => {
  const here: Point = [0, 113.5, 34.8];
  expect(isPossible(undefined, here)).toBe(true);
  expect(isPossible(here, [1000, 113.5001, 34.8])).toBe(true);
  expect(isPossible(here, [1000, 113.6, 34.8])).toBe(false);
  expect(isPossible(here, [-1, 113.5, 34.8])).toBe(false);
});
