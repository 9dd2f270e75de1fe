/**
 * The marks of the map that are not circles, drawn once per theme; no image is fetched. A mark of a kind that
 * is judged comes in seven: without a class (`dust_site-0`, hollow) and in each class (`-1` to `-6`).
 */
import type { Map as MapLibre } from 'maplibre-gl';
import type { Palette } from './look';

const SCALE = 2;

interface Ink {
  fill: string;
  stroke: string;
  text: string;
  numeral: string;
  dash: boolean;
}
type Pen = CanvasRenderingContext2D;
type Shape = (pen: Pen, size: number) => void;

/** Kinds of places: size in pixels, shape, and whether their class is one of water. */
const KINDS: Record<string, { size: number; shape: Shape; water?: boolean }> = {
  dust_site: { size: 18, shape: ring([0.5, 0.04], [0.96, 0.5], [0.5, 0.96], [0.04, 0.5]) },
  stack: { size: 16, shape: ring([0.5, 0.08], [0.94, 0.9], [0.06, 0.9]) },
  enterprise: { size: 16, shape: ring([0.5, 0.06], [0.94, 0.44], [0.94, 0.92], [0.06, 0.92], [0.06, 0.44]) },
  weather_station: { size: 15, shape: ring([0.08, 0.08], [0.92, 0.08], [0.92, 0.92], [0.08, 0.92]) },
  water_site: { size: 26, shape: drop, water: true },
  outfall: { size: 18, shape: half, water: true },
  gate: { size: 18, shape: gate },
  vehicle: { size: 20, shape: ring([0.5, 0.04], [0.9, 0.94], [0.5, 0.72], [0.1, 0.94]) },
  patrol: { size: 16, shape: ring([0.5, 0.08], [0.86, 0.9], [0.5, 0.66], [0.14, 0.9]) },
};

const CLASSES = [0, 1, 2, 3, 4, 5, 6];

/** Adds every mark to the map, or redraws it in the colours of another theme. */
export function paintIcons(map: MapLibre, palette: Palette): void {
  const add = (name: string, size: number, draw: (pen: Pen) => void) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size * SCALE;
    const pen = canvas.getContext('2d');
    if (!pen) return;
    pen.scale(SCALE, SCALE);
    draw(pen);
    const image = pen.getImageData(0, 0, canvas.width, canvas.height);
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: SCALE });
  };
  for (const [kind, { size, shape, water }] of Object.entries(KINDS)) {
    for (const level of CLASSES) {
      const ink = inkOf(palette, level, water === true);
      add(`${kind}-${String(level)}`, size, (pen) => {
        mark(pen, size, shape, ink);
      });
    }
  }
  add('hollow-large', 26, hollow(26, 11, palette));
  add('hollow-small', 14, hollow(14, 5, palette));
  add('badge', 13, letter('S', palette.ink, palette));
  add('suspect', 13, letter('?', palette.ink, palette));
  add('clock', 13, clock(palette));
  add('arrow', 12, (pen) => {
    arrow(pen, 12, palette);
  });
}

function inkOf(palette: Palette, level: number, water: boolean): Ink {
  const one = water ? palette.waters[level - 1] : palette.classes[level - 1];
  if (!one) return { fill: palette.casing, stroke: palette.muted, text: '', numeral: '', dash: water };
  const numeral = water ? (palette.waters[level - 1]?.numeral ?? '') : '';
  return { fill: one.colour, stroke: palette.outline, text: one.ink, numeral, dash: false };
}

function mark(pen: Pen, size: number, shape: Shape, ink: Ink): void {
  pen.beginPath();
  shape(pen, size);
  pen.fillStyle = ink.fill;
  pen.strokeStyle = ink.stroke;
  pen.lineWidth = 1.25;
  pen.lineJoin = 'round';
  if (ink.dash) pen.setLineDash([3, 2]);
  pen.fill();
  pen.stroke();
  // Only the drop has room for its numeral; the small marks say it in tooltip and list.
  if (!ink.numeral || size < 24) return;
  pen.fillStyle = ink.text;
  pen.font = `600 ${ink.numeral.length > 1 ? '9' : '12'}px "Noto Sans CJK SC", system-ui, sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(ink.numeral, size / 2, size * 0.64);
}

function ring(...points: [number, number][]): Shape {
  return (pen, size) => {
    for (const [x, y] of points) pen.lineTo(x * size, y * size);
    pen.closePath();
  };
}

function drop(pen: Pen, size: number): void {
  pen.moveTo(size / 2, 1);
  pen.bezierCurveTo(size * 0.62, size * 0.26, size * 0.92, size * 0.4, size * 0.92, size * 0.62);
  pen.arc(size / 2, size * 0.6, size * 0.4, 0.05, Math.PI - 0.05);
  pen.bezierCurveTo(size * 0.08, size * 0.4, size * 0.38, size * 0.26, size / 2, 1);
}

/** The right half of a drop: it stands on the bank. */
function half(pen: Pen, size: number): void {
  pen.moveTo(size * 0.3, 1);
  pen.bezierCurveTo(size * 0.5, size * 0.3, size * 0.9, size * 0.4, size * 0.85, size * 0.65);
  pen.bezierCurveTo(size * 0.82, size * 0.9, size * 0.5, size * 0.96, size * 0.3, size * 0.96);
  pen.closePath();
}

/** Two posts and a board. */
function gate(pen: Pen, size: number): void {
  pen.rect(size * 0.08, size * 0.1, size * 0.18, size * 0.8);
  pen.rect(size * 0.74, size * 0.1, size * 0.18, size * 0.8);
  pen.rect(size * 0.26, size * 0.4, size * 0.48, size * 0.28);
}

function hollow(size: number, radius: number, palette: Palette): (pen: Pen) => void {
  return (pen) => {
    pen.beginPath();
    pen.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
    pen.fillStyle = palette.casing;
    pen.globalAlpha = 0.7;
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = palette.muted;
    pen.lineWidth = 1.5;
    pen.setLineDash(radius > 8 ? [4, 3] : [2.5, 2]);
    pen.stroke();
  };
}

function plate(pen: Pen, palette: Palette): void {
  pen.fillStyle = palette.casing;
  pen.strokeStyle = palette.muted;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.roundRect(0.5, 0.5, 12, 12, 3);
  pen.fill();
  pen.stroke();
}

function letter(text: string, ink: string, palette: Palette): (pen: Pen) => void {
  return (pen) => {
    plate(pen, palette);
    pen.fillStyle = ink;
    pen.font = '600 9px system-ui, sans-serif';
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText(text, 6.5, 7);
  };
}

function clock(palette: Palette): (pen: Pen) => void {
  return (pen) => {
    pen.fillStyle = palette.casing;
    pen.strokeStyle = palette.ink;
    pen.lineWidth = 1.25;
    pen.beginPath();
    pen.arc(6.5, 6.5, 5.5, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
    pen.beginPath();
    pen.moveTo(6.5, 3.5);
    pen.lineTo(6.5, 6.5);
    pen.lineTo(9, 7.5);
    pen.stroke();
  };
}

function arrow(pen: Pen, size: number, palette: Palette): void {
  pen.strokeStyle = palette.casing;
  pen.lineWidth = 1.5;
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.beginPath();
  pen.moveTo(size * 0.35, size * 0.25);
  pen.lineTo(size * 0.65, size * 0.5);
  pen.lineTo(size * 0.35, size * 0.75);
  pen.stroke();
}
