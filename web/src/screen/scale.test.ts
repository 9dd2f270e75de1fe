import { expect, test } from 'vitest';
import { scaleFor } from './scale';

test('twelve pixels become twenty-eight on a wall, and never fewer than twelve elsewhere', () => {
  const smallest = (width: number, height: number) => Math.round(12 * scaleFor(width, height));
  expect([smallest(1920, 1080), smallest(3840, 1080), smallest(3840, 2160), smallest(320, 640)]).toEqual([
    28, 28, 56, 12,
  ]);
});
