/** A field as a picture: one pixel per cell through the server's ramp; where nothing is known, hatching. */
import type { Area } from '../api/contract';
import type { Field } from '../api/map';

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
  const bytes = Uint8Array.from(atob(field.values), (letter) => letter.charCodeAt(0));
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
  pen.beginPath();
  for (let x = -height; x < width; x += HATCH) {
    pen.moveTo(x, height);
    pen.lineTo(x + height, 0);
  }
  pen.strokeStyle = ink;
  pen.lineWidth = 1;
  pen.stroke();
  pen.restore();
}

/** The colour of each byte. */
function tableOf({ lo, hi }: Field, ramp: [number, string][]): Rgb[] {
  return Array.from({ length: 256 }, (_, byte) => rgb(colourAt(ramp, lo + ((byte - 1) / 254) * (hi - lo))));
}

/** The colour of a value: each step of the ramp holds until the next begins. */
export function colourAt(ramp: [number, string][], value: number): string {
  return (ramp.findLast(([from]) => from <= value) ?? ramp[0])?.[1] ?? '#000000';
}

function rgb(hex: string): Rgb {
  const bits = Number.parseInt(hex.slice(1), 16);
  return [(bits >> 16) & 255, (bits >> 8) & 255, bits & 255];
}
