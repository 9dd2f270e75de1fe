import { expect, test } from 'vitest';
import type { Candidate } from '../api/map';
import { listed, percent, pinsOf, rough, windowAround, windowOf } from './asking';

const candidate = (probability: number) => ({ probability }) as Candidate;

test('the window ends with the hour looked at', () => {
  const end = Date.parse('2026-03-01T09:00:00Z');
  expect(windowOf(end, 3)).toEqual({ from: '2026-03-01T06:00:00.000Z', to: '2026-03-01T09:00:00.000Z' });
});

test('the first three are always shown, small ones after them are put together', () => {
  const { shown, others, rest } = listed([0.9, 0.05, 0.004, 0.004, 0.003].map(candidate));
  expect([shown.length, others]).toEqual([3, 2]);
  expect(rest).toBeCloseTo(0.007);
});

test('nearly sure is not sure and nearly nothing is not nothing', () => {
  expect([0.0001, 0.42, 0.9999].map(percent)).toEqual(['<1', '42', '>99']);
  expect([0.01234, 12.34, 1234].map(rough)).toEqual(['0.012', '12', '1200']);
});

test('a rise is looked at from an hour before it, its first hours, and no longer than it lasted', () => {
  const subject = {
    about: 'air',
    parameter: 'pm10',
    place: 'a',
    place_name: { zh: '', en: '' },
    lon: 1,
    lat: 2,
  };
  const of = (cleared: string | null, about = 'air') =>
    windowAround({
      about_data: false,
      began: '2026-03-01T06:00:00Z',
      cleared,
      subject: { ...subject, about },
    });
  expect(of(null)).toEqual({ from: '2026-03-01T05:00:00.000Z', to: '2026-03-01T12:00:00.000Z' });
  expect(of('2026-03-01T08:00:00Z').to).toBe('2026-03-01T08:00:00.000Z');
  expect(of('2026-03-01T06:05:00Z').to).toBe('2026-03-01T07:00:00.000Z');
  expect(of(null, 'water').to).toBe('2026-03-02T06:00:00.000Z');
});

test('what is nowhere or nearly nothing has no pin, and the place that rose has one', () => {
  const pins = pinsOf({ place: 'a', name: 'A', lon: 1, lat: 2 }, [
    { name: 'B', at: [3, 4], probability: 0.9 },
    { name: 'none', at: null, probability: 0.095 },
    { name: 'C', at: [5, 6], probability: 0.005 },
  ]);
  expect(pins.map(({ sign, label }) => `${sign} ${label}`)).toEqual(['! A', '1 B · 90 %']);
});
