import { expect, test } from 'vitest';
import type { LedgerRow } from '../api/contract';
import { difference, pivot } from './pivot';

const rows: LedgerRow[] = [
  { hour: '2026-10-03T01:00:00Z', unit: 'frame', disposition: 'stored', reason: null, count: 5 },
  { hour: '2026-10-03T00:00:00Z', unit: 'frame', disposition: 'stored', reason: null, count: 7 },
  { hour: '2026-10-03T00:00:00Z', unit: 'frame', disposition: 'rejected', reason: 'bad_crc', count: 2 },
  { hour: '2026-10-03T00:00:00Z', unit: 'reading', disposition: 'stored', reason: null, count: 70 },
];

test('hours stand in order of time and keep frames and readings apart', () => {
  const lines = pivot(rows, 'hour', 'frame');
  expect(lines.map(({ total }) => total)).toEqual([9, 5]);
  expect(lines[0]?.parts.rejected).toBe(2);
});

test('reasons stand by size, and rows without one are kept together', () => {
  expect(pivot(rows, 'reason', 'frame').map(({ key, total }) => [key, total])).toEqual([
    ['', 12],
    ['bad_crc', 2],
  ]);
});

test('the difference is what is missing from the sum', () => {
  const account = { received: 10, stored: 6, duplicate: 1, rejected: 1, quarantined: 1, in_flight: 1 };
  expect(difference(account)).toBe(0);
  expect(difference({ ...account, received: 12 })).toBe(2);
});
