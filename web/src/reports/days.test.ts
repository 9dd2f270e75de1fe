import { expect, test } from 'vitest';
import { beside } from './days';

test('the period beside another one has its own days', () => {
  expect(beside('month', '2024-01-01', 1)).toEqual({ from: '2024-02-01', to: '2024-02-29' });
  expect(beside('month', '2024-01-01', -1)).toEqual({ from: '2023-12-01', to: '2023-12-31' });
  expect(beside('year', '2024-01-01', -1)).toEqual({ from: '2023-01-01', to: '2023-12-31' });
  expect(beside('week', '2026-03-02', -1)).toEqual({ from: '2026-02-23', to: '2026-03-01' });
  expect(beside('day', '2026-03-01', -1)).toEqual({ from: '2026-02-28', to: '2026-02-28' });
});
