/** A flag as stored: quality in the low four bits, the device's own mark (an ASCII letter) above. */
import type { Quality } from './api/contract';

const QUALITIES: Record<number, Quality> = { 1: 'good', 3: 'suspect', 4: 'fail', 9: 'missing' };

export function qualityOf(flag: number): Quality {
  return QUALITIES[flag & 15] ?? 'unknown';
}

/** Whether a correction made the value. */
export function isCorrected(flag: number): boolean {
  return (flag & 2048) !== 0;
}

/** The letter that the device sent, or nothing. */
export function markOf(flag: number): string {
  const letter = (flag >> 4) & 127;
  return letter === 0 ? '' : String.fromCharCode(letter);
}
