import { expect, test } from 'vitest';
import type { Field } from '../api/map';
import { cellAt, meanHalf } from './field';

const packed = (bytes: number[]) => btoa(String.fromCharCode(...bytes));
const field = {
  bbox: [0, 0, 2, 1],
  cols: 2,
  rows: 1,
  lo: 10,
  hi: 20,
  values: packed([1, 255]),
  interval: {
    low: { lo: 8, hi: 12, values: packed([1, 255]) },
    high: { lo: 14, hi: 40, values: packed([1, 255]) },
    unsure: packed([2]),
    unsure_share: 0.5,
  },
} as unknown as Field;

test('a cell tells its mean, its interval and whether that says little', () => {
  expect(cellAt(field, 0.5, 0.5)).toEqual({ mean: 10, low: 8, high: 14, unsure: false });
  expect(cellAt(field, 1.5, 0.5)).toEqual({ mean: 20, low: 12, high: 40, unsure: true });
  expect(cellAt(field, 2.5, 0.5)).toBeNull();
  expect(cellAt({ ...field, interval: null }, 0.5, 0.5)).toBeNull();
});

test('half of the interval is told in the mean of the cells that are known', () => {
  expect(meanHalf(field)).toBeCloseTo((3 + 14) / 2);
  expect(meanHalf({ ...field, interval: null })).toBeNull();
});
