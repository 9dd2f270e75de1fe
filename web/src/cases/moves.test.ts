import { expect, test } from 'vitest';
import { asksOf, isWhole, next } from './moves';

const given = { note: '', unit: '', until: '', into: '' };

test('a move that needs a reason is not whole without one, also when it is only blanks', () => {
  expect(isWhole(asksOf('pass'), given)).toBe(false);
  expect(isWhole(asksOf('pass'), { ...given, note: '  ' })).toBe(false);
  expect(isWhole(asksOf('pass'), { ...given, note: 'seen' })).toBe(true);
  expect(isWhole(asksOf('accept'), given)).toBe(true);
});

test('more time is asked for with a reason and an end', () => {
  expect(isWhole(asksOf('ask_extension'), { ...given, note: 'rain' })).toBe(false);
  expect(isWhole(asksOf('ask_extension'), { ...given, note: 'rain', until: '2026-03-01T08:00' })).toBe(true);
});

test('the case waits for the first move that is allowed and ends nothing', () => {
  const moves = [
    { move: 'file', allowed: false },
    { move: 'reject', allowed: true },
    { move: 'dispatch', allowed: true },
  ];
  expect(next(moves)?.move).toBe('dispatch');
  expect(next(moves.slice(0, 2))).toBeNull();
});

test('a move that the page does not know asks for a reason', () => {
  expect(asksOf('something_new').reason).toBe(true);
});
