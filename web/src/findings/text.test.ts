import { expect, test } from 'vitest';
import { percent, thresholdText } from './text';

test('a precision that nobody has judged is no number', () => {
  expect(percent(null)).toBeNull();
  expect(percent(0)).toBe('0 %');
  expect(percent(2 / 3)).toBe('67 %');
});

test('a threshold is a number, or the limit of a law', () => {
  expect(thresholdText(250)).toBe('250');
  expect(thresholdText({ law: 'air', averaging: '1h', grade: 2 })).toBe('air, averaging 1h, grade 2');
  expect(thresholdText(null)).toBe('');
});
