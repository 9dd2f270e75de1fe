/**
 * How much larger than on a desk the same components are drawn. Our smallest text is 12 px and a wall wants
 * 28, so a full screen of 1080 lines is drawn 28/12 times as large; taller ones more, smaller windows less,
 * down to the page itself.
 */
const WALL = 28 / 12;
const WIDTH = 1920 / WALL;
const HEIGHT = 1080 / WALL;

export function scaleFor(width: number, height: number): number {
  return Math.max(1, Math.min(width / WIDTH, height / HEIGHT));
}
