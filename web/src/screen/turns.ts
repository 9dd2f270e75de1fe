/** What stands where after so many beats: pure, so that a day of it can be tried at once. */

/** Beats a second at speed 1. */
export const BEATS_PER_S = 2;
const PAGE_S = 30;
/** Beats that an hour of the replay stands. */
const HOUR_BEATS = 2;
/** Beats that the map shows now, after each replay. */
const NOW_BEATS = 60;

/** Milliseconds between beats at a speed of 1 to 600. */
export function beatMs(speed: number): number {
  return 1000 / BEATS_PER_S / speed;
}

/** Speed as the address gives it: 1 unless it is a number from 1 to 600. */
export function speedIn(text: string | null): number {
  const speed = Number(text ?? '1');
  return Number.isFinite(speed) && speed >= 1 ? Math.min(speed, 600) : 1;
}

/** Which of `count` pages stands after `beats`. */
export function pageAt(beats: number, count: number): number {
  return Math.floor(beats / (PAGE_S * BEATS_PER_S)) % Math.max(count, 1);
}

/** Of all that does not fit, `most` of them; the next ones stand there the next time round. */
export function shownAt<T>(round: number, all: T[], most: number): T[] {
  const at = round % Math.max(1, Math.ceil(all.length / most));
  return all.slice(at * most, (at + 1) * most);
}

/** Beats at which a page begins, so that turning by hand and by time agree. */
export function beatsOfPage(page: number): number {
  return page * PAGE_S * BEATS_PER_S;
}

/** Which of `count` hours the replay shows, or null while the map shows now. */
export function hourAt(beats: number, count: number): number | null {
  if (count === 0) return null;
  const at = beats % (count * HOUR_BEATS + NOW_BEATS);
  const hour = Math.floor((at - NOW_BEATS) / HOUR_BEATS);
  return hour >= 0 ? hour : null;
}
