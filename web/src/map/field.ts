/** A field as a picture: one pixel per cell through the server's ramp; where nothing is known, hatching. */
import type { Area } from '../api/contract';
import type { Field } from '../api/map';

/** A field as numbers: cell by cell from the north-western corner. */
export interface Cell {
  mean: number;
  low: number;
  high: number;
  unsure: boolean;
}

/** Pixels of the picture per cell, so that hatching is finer than a cell. */
const FINE = 4;
const HATCH = 9;

type Rgb = [number, number, number];

/** Draws a field onto a canvas, which takes the field's size. */
export function paintField(
  canvas: HTMLCanvasElement,
  field: Field,
  ramp: [number, string][],
  areas: Area[],
  ink: string,
): void {
  const { cols, rows } = field;
  const cells = document.createElement('canvas');
  cells.width = cols;
  cells.height = rows;
  const pen = cells.getContext('2d');
  const big = canvas.getContext('2d');
  if (!pen || !big) return;
  const image = pen.createImageData(cols, rows);
  const table = tableOf(field, ramp);
  const bytes = bytesOf(field.values);
  for (let i = 0; i < cols * rows; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) continue;
    const [r, g, b] = table[byte] ?? [0, 0, 0];
    image.data.set([r, g, b, 255], i * 4);
  }
  pen.putImageData(image, 0, 0);
  canvas.width = cols * FINE;
  canvas.height = rows * FINE;
  big.drawImage(cells, 0, 0, canvas.width, canvas.height);
  hatchUnsure(big, field, ink);
  hatch(big, field, areas, ink);
}

/** Lines behind the picture, inside the areas: they are seen only where nothing is known. */
function hatch(pen: CanvasRenderingContext2D, field: Field, areas: Area[], ink: string): void {
  const [w = 0, s = 0, e = 1, n = 1] = field.bbox;
  const { width, height } = pen.canvas;
  pen.save();
  pen.globalCompositeOperation = 'destination-over';
  pen.beginPath();
  for (const { ring, kind } of areas) {
    if (kind !== 'sub_district' || !ring) continue;
    for (const [i, [lon = 0, lat = 0]] of ring.entries()) {
      const x = ((lon - w) / (e - w)) * width;
      const y = ((n - lat) / (n - s)) * height;
      if (i === 0) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    }
    pen.closePath();
  }
  pen.clip();
  stripes(pen, ink, 1);
  pen.restore();
}

function stripes(pen: CanvasRenderingContext2D, ink: string, width: number): void {
  const { width: right, height } = pen.canvas;
  pen.beginPath();
  for (let x = -height; x < right; x += HATCH) {
    pen.moveTo(x, height);
    pen.lineTo(x + height, 0);
  }
  pen.strokeStyle = ink;
  pen.lineWidth = width;
  pen.stroke();
}

/** Lines over the cells whose interval says little. */
function hatchUnsure(pen: CanvasRenderingContext2D, field: Field, ink: string): void {
  const unsure = field.interval && bytesOf(field.interval.unsure);
  if (!unsure?.some((byte) => byte !== 0)) return;
  const over = document.createElement('canvas');
  over.width = pen.canvas.width;
  over.height = pen.canvas.height;
  const own = over.getContext('2d');
  if (!own) return;
  for (let i = 0; i < field.cols * field.rows; i += 1) {
    if (!isSet(unsure, i)) continue;
    own.fillRect((i % field.cols) * FINE, Math.floor(i / field.cols) * FINE, FINE, FINE);
  }
  own.globalCompositeOperation = 'source-in';
  stripes(own, ink, 2);
  pen.drawImage(over, 0, 0);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function isSet(bits: Uint8Array, at: number): boolean {
  return (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
}

function valueOf({ lo, hi }: { lo: number; hi: number }, byte: number): number {
  return lo + ((byte - 1) / 254) * (hi - lo);
}

/** What a field with an interval says at a position; null outside of it and for methods that know no interval. */
export function cellAt(field: Field, lon: number, lat: number): Cell | null {
  const [w = 0, s = 0, e = 1, n = 1] = field.bbox;
  const col = Math.floor(((lon - w) / (e - w)) * field.cols);
  const row = Math.floor(((n - lat) / (n - s)) * field.rows);
  if (!field.interval || col < 0 || row < 0 || col >= field.cols || row >= field.rows) return null;
  const at = row * field.cols + col;
  const byte = (text: string) => bytesOf(text)[at] ?? 0;
  const mean = byte(field.values);
  if (mean === 0) return null;
  const { low, high, unsure } = field.interval;
  return {
    mean: valueOf(field, mean),
    low: valueOf(low, byte(low.values)),
    high: valueOf(high, byte(high.values)),
    unsure: isSet(bytesOf(unsure), at),
  };
}

/** Half the width of the 90 % interval in the mean of all known cells; null for methods that know none. */
export function meanHalf(field: Field): number | null {
  if (!field.interval) return null;
  const { low, high } = field.interval;
  const [lows, highs] = [bytesOf(low.values), bytesOf(high.values)];
  let [sum, count] = [0, 0];
  for (const [i, byte] of lows.entries()) {
    if (byte === 0) continue;
    sum += (valueOf(high, highs[i] ?? 0) - valueOf(low, byte)) / 2;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

/** The colour of each byte. */
function tableOf(field: Field, ramp: [number, string][]): Rgb[] {
  return Array.from({ length: 256 }, (_, byte) => rgb(colourAt(ramp, valueOf(field, byte))));
}

/** The colour of a value: each step of the ramp holds until the next begins. */
export function colourAt(ramp: [number, string][], value: number): string {
  return (ramp.findLast(([from]) => from <= value) ?? ramp[0])?.[1] ?? '#000000';
}

function rgb(hex: string): Rgb {
  const bits = Number.parseInt(hex.slice(1), 16);
  return [(bits >> 16) & 255, (bits >> 8) & 255, bits & 255];
}
