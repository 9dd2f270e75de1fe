import { expect, test } from 'vitest';
import { beatMs, beatsOfPage, hourAt, pageAt, shownAt, speedIn } from './turns';

test('pages turn each thirty seconds and begin again', () => {
  const at = (seconds: number) => pageAt((seconds * 1000) / beatMs(1), 3);
  expect([0, 29.5, 30, 60, 90].map(at)).toEqual([0, 0, 1, 2, 0]);
  expect(pageAt(beatsOfPage(2), 3)).toBe(2);
});

test('the map shows now for half a minute, then each hour for a second, and then now again', () => {
  const at = (seconds: number) => hourAt(seconds * 2, 24);
  expect([0, 29.5, 30, 31, 53, 54].map(at)).toEqual([null, null, 0, 1, 23, null]);
  expect(hourAt(100, 0)).toBeNull();
});

test('what does not fit stands there the next time round', () => {
  const at = (round: number) => shownAt(round, [1, 2, 3, 4, 5], 2);
  expect([0, 1, 2, 3].map(at)).toEqual([[1, 2], [3, 4], [5], [1, 2]]);
  expect(shownAt(7, [], 4)).toEqual([]);
});

test('a hand-edited speed never stops the screen nor lets it race', () => {
  expect(['60', null, 'fast', '0', '-3', '1e9'].map(speedIn)).toEqual([60, 1, 1, 1, 1, 600]);
});
