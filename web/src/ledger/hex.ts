/** Bytes of a frame in lines of sixteen, and where the problems are. Pure. */

export interface Cell {
  at: number;
  hex: string;
  glyph: string;
}

export const WIDTH = 16;

/** `2323` → two cells; printable ASCII is shown, the rest is a middle dot. */
export function cellsOf(hex: string): Cell[] {
  const cells: Cell[] = [];
  for (let i = 0; i + 1 < hex.length; i += 2) {
    const pair = hex.slice(i, i + 2).toUpperCase();
    const byte = Number.parseInt(pair, 16);
    cells.push({ at: i / 2, hex: pair, glyph: byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·' });
  }
  return cells;
}

export function linesOf(cells: Cell[]): Cell[][] {
  const lines: Cell[][] = [];
  for (let i = 0; i < cells.length; i += WIDTH) lines.push(cells.slice(i, i + WIDTH));
  return lines;
}

/** The numbers (1, 2, …) of the problems that point at each byte; one past the end counts for the last byte. */
export function marksOf(problems: { at: number | null }[], length: number): Map<number, number[]> {
  const marks = new Map<number, number[]>();
  for (const [i, { at }] of problems.entries()) {
    if (at === null || length === 0) continue;
    const byte = Math.min(Math.max(at, 0), length - 1);
    marks.set(byte, [...(marks.get(byte) ?? []), i + 1]);
  }
  return marks;
}
