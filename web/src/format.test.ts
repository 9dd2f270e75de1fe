import { expect, test } from 'vitest';
import * as format from './format';

const ZONE = 'Asia/Shanghai';
const EIGHT = '2026-10-03T00:00:00Z';

test('numbers are grouped by threes in both languages and keep their digits', () => {
  expect(format.number(1204331)).toBe('1\u202f204\u202f331');
  expect(format.number(999)).toBe('999');
  expect(format.number(-1234.5)).toBe('\u22121\u202f234.5');
  expect(format.number(37.25, 1)).toBe('37.3');
  expect(format.number(-0.01, 1)).toBe('0.0');
});

test('dates are written the way each language writes them, in the zone of the district', () => {
  expect(format.dateTime(EIGHT, ZONE, 'zh')).toBe('2026年10月3日 08:00');
  expect(format.dateTime(EIGHT, ZONE, 'en')).toBe('3 Oct 2026 08:00');
  expect(format.clock('2026-10-03T00:41:12Z', ZONE)).toBe('08:41:12');
});

test('an hour is named by its start', () => {
  expect(format.hour(EIGHT, ZONE, 'zh')).toBe('08 时');
  expect(format.hourSpan('2026-10-03T15:00:00Z', ZONE)).toBe('23:00–00:00');
});

test('a civil day begins at midnight of the zone', () => {
  expect(new Date(format.dayStart('2026-10-03', ZONE)).toISOString()).toBe('2026-10-02T16:00:00.000Z');
  expect(format.day('2026-10-02T16:00:00Z', ZONE)).toBe('2026-10-03');
  expect(format.day('2026-10-02T15:59:59Z', ZONE)).toBe('2026-10-02');
});

test('what is typed into a form is on the clock of the zone', () => {
  expect(format.instant('2026-03-01T08:30', ZONE)).toBe('2026-03-01T00:30:00.000Z');
  expect(format.instant('2026-03-01T00:00', ZONE)).toBe('2026-02-28T16:00:00.000Z');
});

test('ages count in the largest unit that still says something', () => {
  expect(format.age(40, 'zh')).toBe('40 秒前');
  expect(format.age(200, 'en')).toBe('3 min ago');
  expect(format.age(7200, 'en')).toBe('2 h ago');
  expect(format.age(-3, 'en')).toBe('0 s ago');
});

test('units and formulas are set as in print', () => {
  expect(format.unit('ug/m3')).toBe('µg/m³');
  expect(format.unit('mg/m3')).toBe('mg/m³');
  expect(format.unit('degC')).toBe('°C');
  expect(format.formula('PM2.5')).toEqual(['PM', '2.5']);
  expect(format.formula('CO')).toEqual(['CO', '']);
  expect(format.formula('O3')).toEqual(['O', '3']);
});
