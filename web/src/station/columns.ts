/**
 * Long series come as little-endian columns, read into typed arrays without parsing:
 * "SKY1", rows n (u32), 8 bytes 0, then time (f64, ms), value (f64, NaN is a gap), sequence (f64), flag (i16).
 */
export interface Columns {
  time: ArrayLike<number>;
  value: ArrayLike<number | null>;
  flag: ArrayLike<number>;
  sequence: ArrayLike<number>;
}

const HEAD = 16;
const MAGIC = 'SKY1';

/** The columns in an answer; null when it is none, or was cut off on its way. */
export function readColumns(bytes: ArrayBuffer): Columns | null {
  if (bytes.byteLength < HEAD) return null;
  const head = new DataView(bytes);
  const magic = String.fromCharCode(...new Uint8Array(bytes, 0, 4));
  const rows = head.getUint32(4, true);
  if (magic !== MAGIC || bytes.byteLength !== HEAD + 26 * rows) return null;
  return {
    time: new Float64Array(bytes, HEAD, rows),
    value: withNulls(new Float64Array(bytes, HEAD + 8 * rows, rows)),
    sequence: new Float64Array(bytes, HEAD + 16 * rows, rows),
    flag: new Int16Array(bytes, HEAD + 24 * rows, rows),
  };
}

/** NaN on the wire is a gap; here a gap is null. Without gaps the array stays as it came. */
function withNulls(values: Float64Array): ArrayLike<number | null> {
  const first = values.findIndex((value) => Number.isNaN(value));
  if (first < 0) return values;
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
}
