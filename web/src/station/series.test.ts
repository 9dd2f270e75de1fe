import { expect, test } from 'vitest';
import type { Datastream, Limit, Readings } from '../api/contract';
import { markOf, qualityOf } from '../flags';
import { choose, limitsFor, lineOf, seriesOf, summary, type Series } from './series';

function stream(
  id: number,
  period: Datastream['period'],
  statistic: Datastream['statistic'] = 'mean',
): Datastream {
  return {
    id,
    place: 'a',
    device: null,
    parameter: 'pm25',
    statistic,
    period,
    unit: 'ug/m3',
    first: null,
    last: null,
  };
}

function readings(columns: Readings['columns'], gaps: Readings['gaps'] = []): Series {
  const instant = '2026-10-03T00:00:00Z';
  return seriesOf({
    datastream: stream(1, 'hour'),
    from: instant,
    to: instant,
    step: 'hour',
    columns,
    gaps,
    truncated: null,
    as_of: null,
    raw: false,
  });
}

const HOUR = 3_600_000;

test('the datastream of the right period is chosen, and its mean before its maximum', () => {
  const all = [stream(1, 'hour', 'max'), stream(2, 'minute'), stream(3, 'hour'), stream(4, 'hour', 'index')];
  expect(choose(all, 'pm25', 'raw')?.id).toBe(2);
  expect(choose(all, 'pm25', 'hour')?.id).toBe(3);
  expect(choose(all, 'pm25', 'day')?.id).toBe(3);
  expect(choose(all, 'so2', 'hour')).toBeNull();
});

test('a gap without rows still breaks the line', () => {
  const line = lineOf(
    readings({ time: [0, 3 * HOUR], value: [1, 2], flag: [1, 1], sequence: [1, 2] }, [
      { from: new Date(HOUR).toISOString(), to: new Date(3 * HOUR).toISOString(), reason: 'no_reading' },
    ]),
  );
  expect(line.time).toEqual([0, 3600, 10_800]);
  expect(line.value).toEqual([1, null, 2]);
  expect(line.origin).toEqual([0, -1, 1]);
});

test('a missing reading is null, never zero, and a gap at its row adds nothing', () => {
  const gap = {
    from: new Date(HOUR).toISOString(),
    to: new Date(2 * HOUR).toISOString(),
    reason: 'reported_missing' as const,
  };
  const line = lineOf(readings({ time: [0, HOUR], value: [1, null], flag: [1, 9], sequence: [1, 2] }, [gap]));
  expect(line.value).toEqual([1, null]);
  expect(line.origin).toEqual([0, 1]);
});

test('readings that are not good are marked', () => {
  const suspect = (68 << 4) | 3;
  const line = lineOf(readings({ time: [0, HOUR], value: [1, 2], flag: [1, suspect], sequence: [1, 2] }));
  expect(line.marked).toEqual([null, 2]);
  expect([qualityOf(suspect), markOf(suspect)]).toEqual(['suspect', 'D']);
  expect([qualityOf(1), markOf(1)]).toEqual(['good', '']);
});

test('a limit is compared with values of its own averaging time only', () => {
  const limit = (averaging: string): Limit => ({
    standard: '',
    phase: '',
    pollutant: 'NO2',
    averaging,
    grade1: 200,
    grade2: 200,
    unit: 'ug/m3',
    source: '',
  });
  const all = [limit('1h'), limit('24h')];
  expect(limitsFor(all, 'NO2', null)).toEqual([]);
  expect(limitsFor(all, 'NO2', '1h').map((one) => one.averaging)).toEqual(['1h']);
  expect(limitsFor(all, 'NO2', '24h').map((one) => one.averaging)).toEqual(['24h']);
  expect(limitsFor(all, 'CO', '24h')).toEqual([]);
});

test('where no gaps are told, a silence longer than the usual step breaks the line', () => {
  const minutes = [0, 1, 2, 7, 8].map((minute) => minute * 60_000);
  const all = minutes.map(() => 1);
  const long = readings({ time: minutes, value: all, flag: all, sequence: all });
  const line = lineOf({ ...long, gaps: null });
  expect(line.time).toEqual([0, 60, 120, 180, 420, 480]);
  expect(line.value).toEqual([1, 1, 1, null, 1, 1]);
});

test('the summary counts what is in the window, and no missing value', () => {
  const all = readings({
    time: [0, HOUR, 2 * HOUR, 3 * HOUR],
    value: [9, null, 2, 5],
    flag: [1, 9, 1, 1],
    sequence: [1, 2, 3, 4],
  });
  expect(summary(all, HOUR, 4 * HOUR)).toEqual({ count: 2, low: 2, high: 5 });
});
