import { expect, test } from 'vitest';
import { pathOf } from './periods';

const periods = (...totals: (string | null)[]) =>
  totals.map((total, at) => ({ period_end: `2026-0${String(at + 1)}-28`, totals: [total] }));

test('a period that nobody stated is a gap in the line', () => {
  expect(pathOf(periods('0', null, '5', '10'), 0, 102, 24)).toBe('M1.0 22.0M67.7 12.0L101.0 2.0');
});

test('one number is no line', () => {
  expect(pathOf(periods('4', null), 0, 100, 24)).toBe('');
});
