import { expect, test } from 'vitest';
import { readColumns } from './columns';

function file(rows: [number, number, number, number][], magic = 'SKY1'): ArrayBuffer {
  const bytes = new ArrayBuffer(16 + 26 * rows.length);
  const view = new DataView(bytes);
  for (const [i, letter] of [...magic].entries()) view.setUint8(i, letter.charCodeAt(0));
  view.setUint32(4, rows.length, true);
  for (const [i, [time, value, sequence, flag]] of rows.entries()) {
    view.setFloat64(16 + 8 * i, time, true);
    view.setFloat64(16 + 8 * (rows.length + i), value, true);
    view.setFloat64(16 + 8 * (2 * rows.length + i), sequence, true);
    view.setInt16(16 + 24 * rows.length + 2 * i, flag, true);
  }
  return bytes;
}

test('columns are read where they lie, and NaN is a gap', () => {
  const read = readColumns(
    file([
      [1_772_326_800_000, 12.5, 7, 1],
      [1_772_326_860_000, Number.NaN, 8, 9],
    ]),
  );
  expect(Array.from(read?.time ?? [])).toEqual([1_772_326_800_000, 1_772_326_860_000]);
  expect(Array.from(read?.value ?? [])).toEqual([12.5, null]);
  expect(Array.from(read?.sequence ?? [])).toEqual([7, 8]);
  expect(Array.from(read?.flag ?? [])).toEqual([1, 9]);
});

test('what was cut off or is something else is not read', () => {
  expect(readColumns(file([[1, 2, 3, 1]]).slice(0, 30))).toBeNull();
  expect(readColumns(file([[1, 2, 3, 1]], 'HTML'))).toBeNull();
  expect(readColumns(new ArrayBuffer(3))).toBeNull();
});
