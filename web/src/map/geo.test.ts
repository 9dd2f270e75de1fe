import { expect, test } from 'vitest';
import { graticuleOf, pointsOf, ringsOf } from './geo';

test('the graticule reaches beyond the box and names its lines', () => {
  const lines = graticuleOf([118.6, 31.8, 118.9, 32.1]).features;
  const labels = lines.map((line) => line.properties?.label as string);
  expect(labels).toContain('118.75°E');
  expect(labels).toContain('31.9°N');
  expect(lines.length).toBeLessThan(80);
});

test('an open ring is closed, and an area without one is left out', () => {
  const name = { zh: '甲', en: '' };
  const kind = 'sub_district' as const;
  const ring: [number, number][] = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];
  const { features } = ringsOf([
    { key: 'a', name, kind, within: null, ring },
    { key: 'b', name, kind, within: null, ring: null },
  ]);
  expect(features).toHaveLength(1);
  expect(features[0]?.geometry.coordinates[0]).toHaveLength(4);
});

test('a place without an English name keeps its Chinese one', () => {
  const place = {
    key: 'x',
    name: { zh: '东湖', en: '' },
    kind: 'air_station' as const,
    lon: 1,
    lat: 2,
    area: null,
    line: null,
    valid_from: null,
    valid_to: null,
    simulated: true,
  };
  expect(pointsOf([place]).features[0]?.properties?.en).toBe('东湖');
});
