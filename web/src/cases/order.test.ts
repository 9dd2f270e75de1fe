import { expect, test } from 'vitest';
import type { CaseRow } from './api';
import { nextOrder, ordered, orderIn } from './order';

const row = (number: string, stage: string, spent: number | null): CaseRow =>
  ({
    number,
    stage,
    clock: spent === null ? null : { spent_s: spent, allowed_s: 100 },
  }) as CaseRow;
const rows = [row('2', 'handling', 150), row('1', 'filed', null), row('3', 'collected', 10)];
const numbers = (all: CaseRow[]) => all.map(({ number }) => number).join('');

test('without an order the rows stay as the server sent them: the most urgent first', () => {
  expect(numbers(ordered(rows, orderIn(null), []))).toBe('213');
  expect(orderIn('nonsense')).toBeNull();
});

test('a click goes from up to down to none', () => {
  expect(nextOrder(null, 'number')).toBe('number');
  expect(nextOrder(orderIn('number'), 'number')).toBe('-number');
  expect(nextOrder(orderIn('-number'), 'number')).toBeNull();
  expect(nextOrder(orderIn('-number'), 'clock')).toBe('clock');
});

test('stages sort by the order of the work, and a case without a clock comes after all clocks', () => {
  expect(numbers(ordered(rows, orderIn('stage'), ['collected', 'filed', 'handling']))).toBe('312');
  expect(numbers(ordered(rows, orderIn('clock'), []))).toBe('231');
  expect(numbers(ordered(rows, orderIn('-number'), []))).toBe('321');
});
