/** The marks of the map that are not circles, drawn once per theme; no image is fetched. */
import type { Map as MapLibre } from 'maplibre-gl';
import type { Palette } from './layers';

const SCALE = 2;

type Draw = (pen: CanvasRenderingContext2D, size: number, palette: Palette) => void;

const ICONS: Record<string, { size: number; draw: Draw }> = {
  'hollow-large': { size: 26, draw: hollow(11) },
  'hollow-small': { size: 14, draw: hollow(5) },
  badge: { size: 13, draw: badge },
  arrow: { size: 12, draw: arrow },
  dust_site: { size: 16, draw: outline([0.5, 0.05], [0.95, 0.5], [0.5, 0.95], [0.05, 0.5]) },
  stack: { size: 16, draw: outline([0.5, 0.08], [0.94, 0.9], [0.06, 0.9]) },
  enterprise: {
    size: 16,
    draw: outline([0.5, 0.06], [0.92, 0.42], [0.92, 0.92], [0.08, 0.92], [0.08, 0.42]),
  },
  weather_station: { size: 16, draw: outline([0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]) },
  outfall: { size: 14, draw: outline([0.5, 0.05], [0.9, 0.6], [0.5, 0.95]) },
  gate: { size: 16, draw: outline([0.1, 0.2], [0.9, 0.2], [0.9, 0.45], [0.1, 0.45]) },
  vehicle: { size: 18, draw: outline([0.5, 0.05], [0.9, 0.95], [0.5, 0.7], [0.1, 0.95]) },
  patrol: { size: 16, draw: outline([0.5, 0.1], [0.9, 0.9], [0.5, 0.65], [0.1, 0.9]) },
  water_site: { size: 18, draw: drop },
};

/** Adds every icon to the map, or redraws it in the colours of another theme. */
export function paintIcons(map: MapLibre, palette: Palette): void {
  for (const [name, { size, draw }] of Object.entries(ICONS)) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size * SCALE;
    const pen = canvas.getContext('2d');
    if (!pen) continue;
    pen.scale(SCALE, SCALE);
    draw(pen, size, palette);
    const image = pen.getImageData(0, 0, canvas.width, canvas.height);
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: SCALE });
  }
}

function hollow(radius: number): Draw {
  return (pen, size, palette) => {
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

function badge(pen: CanvasRenderingContext2D, size: number, palette: Palette): void {
  pen.fillStyle = palette.casing;
  pen.strokeStyle = palette.muted;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.roundRect(0.5, 0.5, size - 1, size - 1, 3);
  pen.fill();
  pen.stroke();
  pen.fillStyle = palette.ink;
  pen.font = '600 9px system-ui, sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText('S', size / 2, size / 2 + 0.5);
}

function arrow(pen: CanvasRenderingContext2D, size: number, palette: Palette): void {
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

function drop(pen: CanvasRenderingContext2D, size: number, palette: Palette): void {
  const middle = size / 2;
  pen.beginPath();
  pen.moveTo(middle, 1);
  pen.bezierCurveTo(size * 0.9, size * 0.5, size * 0.85, size - 1, middle, size - 1);
  pen.bezierCurveTo(size * 0.15, size - 1, size * 0.1, size * 0.5, middle, 1);
  finish(pen, palette);
}

function outline(...points: [number, number][]): Draw {
  return (pen, size, palette) => {
    pen.beginPath();
    for (const [x, y] of points) pen.lineTo(x * size, y * size);
    pen.closePath();
    finish(pen, palette);
  };
}

function finish(pen: CanvasRenderingContext2D, palette: Palette): void {
  pen.fillStyle = palette.casing;
  pen.strokeStyle = palette.muted;
  pen.lineWidth = 1.5;
  pen.lineJoin = 'round';
  pen.fill();
  pen.stroke();
}
