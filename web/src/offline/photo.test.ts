import { expect, test } from 'vitest';
import { fitted } from './photo';

test('a photo is never made larger, and keeps its proportions', () => {
  expect(fitted(640, 480)).toEqual([640, 480]);
  expect(fitted(4000, 3000)).toEqual([1600, 1200]);
  expect(fitted(3000, 4000)).toEqual([1200, 1600]);
  expect(fitted(20_000, 3)).toEqual([1600, 1]);
});
