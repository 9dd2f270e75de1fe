import { expect, test } from 'vitest';
import { hourIn, textOf } from './hour';

test('an hour survives the address', () => {
  const hour = Date.UTC(2026, 10, 22, 8);
  expect(textOf(hour)).toBe('20261122T08Z');
  expect(hourIn(textOf(hour))).toBe(hour);
});

test('an ISO instant is understood as its hour, and anything else is not', () => {
  expect(hourIn('2026-11-22T16:41:00+08:00')).toBe(Date.UTC(2026, 10, 22, 8));
  for (const bad of ['', 'now', '2026', '20261399T08Z', '2026-11-22', '20261122T08', 'T08Z', '99']) {
    expect(hourIn(bad)).toBeNull();
  }
});
