import { expect, test } from 'vitest';
import type { Unit } from './api';
import { branches } from './tree';

const unit = (key: string, above: string | null): Unit => ({
  key,
  above,
  name: { zh: key, en: key },
  areas: [],
  ended: false,
});
const read = (units: Unit[]) => branches(units).map(({ unit: { key }, depth }) => `${key}${String(depth)}`);

test('each unit stands below the one above it', () => {
  expect(read([unit('b', 'a'), unit('a', null), unit('c', 'b'), unit('d', null)])).toEqual([
    'a0',
    'b1',
    'c2',
    'd0',
  ]);
});

test('a circle, or a unit above that is not there, loses nobody', () => {
  expect(read([unit('a', 'b'), unit('b', 'a'), unit('c', 'gone')]).sort()).toEqual(['a0', 'b1', 'c0']);
});
