/** The way of a patrol: how far, and how much of a reach it went along. Pure, so that it is tested. */

/** Time in ms since 1970, degrees east, degrees north. */
export type Point = [number, number, number];

const EARTH_M = 6_371_008.8;
/** A jump that no patrol makes between two positions: the phone was wrong. */
const SPEED_M_S_MAX = 60;

export function distance_m(a: readonly number[], b: readonly number[]): number {
  const [lon1 = 0, lat1 = 0] = a;
  const [lon2 = 0, lat2 = 0] = b;
  const rad = Math.PI / 180;
  const dLat = (lat2 - lat1) * rad;
  const dLon = (lon2 - lon1) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Whether a new position is believed after the last one. */
export function isPossible(last: Point | undefined, next: Point): boolean {
  if (!last) return true;
  const seconds = (next[0] - last[0]) / 1000;
  return seconds > 0 && distance_m(last.slice(1), next.slice(1)) <= SPEED_M_S_MAX * seconds;
}

export function length_m(track: readonly Point[]): number {
  return track.reduce((sum, point, at) => {
    const before = track[at - 1];
    return before ? sum + distance_m(before.slice(1), point.slice(1)) : sum;
  }, 0);
}
