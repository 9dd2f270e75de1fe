/** A short series with marks where something happened: positions only, pure. */

export interface Mark {
  at: number;
  label: string;
}

/** A path that breaks where there is no value, or where a silence is longer than `hole_ms`. */
export function pathOf(
  time: readonly number[],
  value: readonly (number | null)[],
  x: (at: number) => number,
  y: (value: number) => number,
  hole_ms: number,
): string {
  let text = '';
  let last: number | null = null;
  for (const [i, at] of time.entries()) {
    const one = value[i] ?? null;
    if (one === null) {
      last = null;
      continue;
    }
    const joins = last !== null && at - last <= hole_ms;
    text += `${joins ? 'L' : 'M'}${x(at).toFixed(1)} ${y(one).toFixed(1)}${joins ? '' : 'h0.01'}`;
    last = at;
  }
  return text;
}

/** Two or three round values for an axis from 0, the last not below `most`. */
export function ticks(most: number): number[] {
  if (most <= 0) return [0, 1];
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [0.5, 1, 2, 2.5, 5, 10].map((one) => one * size).find((one) => one * 2 >= most) ?? size * 10;
  return [0, step, step * 2];
}

/** Numbers over marks; those that stand too close for two of them share one text. */
export function numbered(at: readonly number[], close = 14): { x: number; text: string }[] {
  const found: { x: number; text: string }[] = [];
  for (const [i, x] of at.entries()) {
    const last = found.at(-1);
    if (last && x - last.x < close * last.text.split(' ').length) last.text += ` ${String(i + 1)}`;
    else found.push({ x, text: String(i + 1) });
  }
  return found;
}
