import { expect, test } from 'vitest';
import { layersIn, notUnderstood, turned, viewIn } from './address';

test('a view outside the world or with a part missing is no view', () => {
  expect(viewIn('34.8,113.5,11.6')).toEqual({ lat: 34.8, lon: 113.5, zoom: 11.6 });
  for (const bad of [null, '', '34.8,113.5', '134.8,113.5,11', '34.8,113.5,', 'a,b,c', '1,2,99']) {
    expect(viewIn(bad)).toBeNull();
  }
});

test('a layer turned twice is as usual again', () => {
  const once = turned(null, 'field');
  expect(layersIn(once).field).toBe(false);
  expect(turned(once, 'field')).toBeNull();
  expect(layersIn(turned('field,nonsense', 'fill'))).toMatchObject({
    field: false,
    fill: true,
    rivers: true,
  });
});

test('what the address says and nobody understands is named', () => {
  const query = new URLSearchParams('t=yesterday&w=24h&p=gold&at=1,2,3&layers=field,sky&panel=view');
  expect(notUnderstood((key) => query.get(key))).toEqual(['t=yesterday', 'p=gold', 'layers=field,sky']);
  expect(notUnderstood(() => null)).toEqual([]);
});
