import { expect, test } from 'vitest';
import type { Candidate } from '../api/map';
import { listed, percent, rough, windowOf } from './asking';

const candidate = (probability: number) => ({ probability }) as Candidate;

test('the window ends with the hour looked at', () => {
  const end = Date.parse('2026-03-01T09:00:00Z');
  expect(windowOf(end, 3)).toEqual({ from: '2026-03-01T06:00:00.000Z', to: '2026-03-01T09:00:00.000Z' });
});

test('the first three are always shown, small ones after them are put together', () => {
  const { shown, others, rest } = listed([0.9, 0.05, 0.004, 0.004, 0.003].map(candidate));
  expect([shown.length, others]).toEqual([3, 2]);
  expect(rest).toBeCloseTo(0.007);
});

test('nearly sure is not sure and nearly nothing is not nothing', () => {
  expect([0.0001, 0.42, 0.9999].map(percent)).toEqual(['<1', '42', '>99']);
  expect([0.01234, 12.34, 1234].map(rough)).toEqual(['0.012', '12', '1200']);
});
