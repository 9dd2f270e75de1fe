import { expect, test } from 'vitest';
import { amount, arc, clockState } from './ring';

test('a clock is in time, soon in its last fifth, overdue past its end', () => {
  const states = [0, 7.9, 8, 10, 10.1].map((spent) => clockState(spent, 10));
  expect(states).toEqual(['in_time', 'in_time', 'soon', 'soon', 'overdue']);
});

test('what is left is told in one unit', () => {
  expect([amount(-10_800, 'en'), amount(600, 'zh'), amount(200_000, 'en')]).toEqual([
    '3 h',
    '10 分钟',
    '2 d',
  ]);
});

test('the arc of a half turns to the bottom, of a whole it does not vanish', () => {
  expect(arc(0.5)).toBe('M0 -1A1 1 0 0 1 0.0000 1.0000');
  expect(arc(1)).toContain('A1 1 0 1 1 -0.0006');
});
