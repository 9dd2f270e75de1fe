/** Shapes of the strip, in units of one hour by 34. Pure. */
import { civil, date, time } from '../format';
import type { Lang } from '../format';
import { HOUR_MS } from './hour';

interface Judged {
  aqi: number | null;
  level: number | null;
}

const HIGH = 34;
/** The index at which a bar is full, and the least height at which it can be seen. */
const FULL = 300;
const LEAST = 5;

function heightOf(aqi: number): number {
  return Math.min(Math.max((aqi / FULL) * HIGH, LEAST), HIGH);
}

/** One path of all bars of a class. */
export function cellsOf(items: (Judged | null)[], level: number): string {
  let path = '';
  for (const [i, item] of items.entries()) {
    if (item?.aqi == null || item.level !== level) continue;
    const high = heightOf(item.aqi).toFixed(1);
    path += `M${String(i)} ${String(HIGH)}v-${high}h1v${high}z`;
  }
  return path;
}

/** The tops of the bars as a line; where nothing was judged it is broken. */
export function skyline(items: (Judged | null)[]): string {
  let path = '';
  let isDown = false;
  for (const [i, item] of items.entries()) {
    if (item?.aqi == null) {
      isDown = false;
      continue;
    }
    const y = (HIGH - heightOf(item.aqi)).toFixed(1);
    path += isDown ? `V${y}h1` : `M${String(i)} ${y}h1`;
    isDown = true;
  }
  return path;
}

export interface Tick {
  hour: number;
  label: string;
  /** A new civil day. */
  strong: boolean;
  /** Its label has no room at the right, and turns to the left. */
  late: boolean;
}

/** Pixels of a label, in the language with the longer ones. */
const room_px = ({ strong }: Tick) => (strong ? 56 : 40);

/** Marks under the strip: days, and hours where there is room for them. */
export function ticksOf(start: number, hours: number, zone: string, wide: number, lang: Lang): Tick[] {
  const room = wide / hours;
  const step = [1, 3, 6, 12].find((one) => one * room >= 48) ?? 24;
  const days = Math.max(1, Math.ceil(64 / (24 * room)));
  const found: Tick[] = [];
  let day = 0;
  for (let i = 0; i < hours; i += 1) {
    const hour = start + i * HOUR_MS;
    const at = civil(hour, zone).hour;
    if (at === 0) {
      if (day % days === 0) found.push({ hour, label: date(hour, zone, lang), strong: true, late: false });
      day += 1;
    } else if (at % step === 0) {
      found.push({ hour, label: time(hour, zone), strong: false, late: false });
    }
  }
  // The label that turns to the left at the right end takes the place of the one before it, where both have no room.
  const apart = (from: number, to: number) => ((to - from) / HOUR_MS) * room;
  const last = found.at(-1);
  const before = found.at(-2);
  if (last && apart(last.hour, start + hours * HOUR_MS) < room_px(last)) {
    last.late = true;
    if (before && apart(before.hour, last.hour) < room_px(before) + room_px(last)) found.splice(-2, 1);
  }
  return found;
}
