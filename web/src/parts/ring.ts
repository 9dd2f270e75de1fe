/** How a clock of work stands: pure, so that the ring, its word and a list sort by the same rule. */
export type ClockState = 'in_time' | 'soon' | 'overdue';

/** Soon: the last fifth of the time is running. */
const SOON = 0.8;

export function clockState(spent_s: number, allowed_s: number): ClockState {
  if (spent_s > allowed_s) return 'overdue';
  return spent_s >= allowed_s * SOON ? 'soon' : 'in_time';
}

/** `3 h`, `40 min`, `2 d`: what is left, or by how much it is over. */
export function amount(seconds: number, lang: 'zh' | 'en'): string {
  const size = Math.abs(seconds);
  if (size < 90 * 60) return `${String(Math.round(size / 60))} ${lang === 'zh' ? '分钟' : 'min'}`;
  if (size < 48 * 3600) return `${String(Math.round(size / 3600))} ${lang === 'zh' ? '小时' : 'h'}`;
  return `${String(Math.round(size / 86_400))} ${lang === 'zh' ? '天' : 'd'}`;
}

/** The arc of a ring of radius 1 around 0,0 from the top, clockwise; `share` from 0 to 1. */
export function arc(share: number): string {
  const part = Math.min(Math.max(share, 0), 0.9999);
  const angle = 2 * Math.PI * part;
  const end = `${Math.sin(angle).toFixed(4)} ${(-Math.cos(angle)).toFixed(4)}`;
  return `M0 -1A1 1 0 ${part > 0.5 ? '1' : '0'} 1 ${end}`;
}
