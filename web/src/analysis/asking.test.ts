import { expect, test } from 'vitest';
import { quoted, yearBefore } from './asking';

test('a year before is 364 days earlier, also over a leap day', () => {
  expect(yearBefore('2026-03-01')).toBe('2025-03-02');
  expect(yearBefore('2024-03-01')).toBe('2023-03-03');
});

test('a word with more than letters is quoted for a shell', () => {
  expect(quoted('air-1')).toBe('air-1');
  expect(quoted("a'b c")).toBe("'a'\\''b c'");
});
