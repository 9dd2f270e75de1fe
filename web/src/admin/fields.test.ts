import { expect, test } from 'vitest';
import { differing, pointsIn, pointsText, text } from './fields';

test('an empty field and an absent one are the same', () => {
  expect(differing('places', { key: 'a', area: '', simulated: false, emits: [] }, { key: 'a' })).toEqual([]);
  expect(differing('places', { lon: 1, name: { zh: '甲', en: '' } }, { lon: 2, name: { zh: '甲' } })).toEqual(
    ['lon'],
  );
});

test('points go to text and back, and a line that is none is named', () => {
  const points: [number, number][] = [
    [113.4, 34.8],
    [113.5, 34.9],
  ];
  expect(pointsIn(pointsText(points))).toEqual(points);
  expect(pointsIn('113.4, 34.8\n\n113.5，34.9')).toEqual(points);
  expect([pointsIn('113.4'), pointsIn('1 2\nx y'), pointsIn('1 2 3')]).toEqual([1, 2, 1]);
});

test('a long list is shown by how many it has', () => {
  expect(text(Array.from({ length: 99 }, () => [113.123, 34.456]))).toMatch(/^\[99\] /);
});
