import { expect, test } from 'vitest';
import { cellsOf, linesOf, marksOf } from './hex';

test('bytes are shown in hex and, where they can be printed, as letters', () => {
  const cells = cellsOf('2323510d0aff');
  expect(cells.map(({ hex }) => hex).join(' ')).toBe('23 23 51 0D 0A FF');
  expect(cells.map(({ glyph }) => glyph).join('')).toBe('##Q···');
});

test('lines have sixteen bytes', () => {
  expect(linesOf(cellsOf('00'.repeat(33))).map((line) => line.length)).toEqual([16, 16, 1]);
});

test('two problems at one byte are both named, and one past the end is put on the last byte', () => {
  const marks = marksOf([{ at: 3 }, { at: null }, { at: 3 }, { at: 99 }], 10);
  expect(marks.get(3)).toEqual([1, 3]);
  expect(marks.get(9)).toEqual([4]);
  expect(marks.size).toBe(2);
});
