import { expect, test } from 'vitest';
import { numbered, pathOf, ticks } from './eventline';

const id = (one: number) => one;

test('a line is not joined over a missing value, nor over a long silence', () => {
  expect(pathOf([0, 1, 2], [1, null, 3], id, id, 5).match(/M/g)).toHaveLength(2);
  expect(pathOf([0, 1, 20], [1, 2, 3], id, id, 5).match(/M/g)).toHaveLength(2);
  expect(pathOf([0, 1, 2], [1, 2, 3], id, id, 5).match(/M/g)).toHaveLength(1);
});

test('the axis reaches over the largest value', () => {
  for (const most of [0.3, 1, 7, 49, 150, 2300]) expect(ticks(most).at(-1)).toBeGreaterThanOrEqual(most);
  expect(ticks(0)).toEqual([0, 1]);
});

test('marks that stand close share one text', () => {
  expect(numbered([10, 12, 100])).toEqual([
    { x: 10, text: '1 2' },
    { x: 100, text: '3' },
  ]);
});
