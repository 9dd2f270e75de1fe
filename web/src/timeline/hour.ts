/** Hours and windows, and how the address writes them. Pure. */

export const HOUR_MS = 3_600_000;
/** The windows of the timeline, in hours. */
export const WINDOWS = { '6h': 6, '24h': 24, '7d': 168, '30d': 720 } as const;
export type Window = keyof typeof WINDOWS;

/** An hour as the address keeps it: `20261122T08Z`. */
export function textOf(hour: number): string {
  const iso = new Date(hour).toISOString();
  return `${iso.slice(0, 13).replaceAll('-', '')}Z`;
}

/** The hour that a text of the address names, or null. ISO instants are understood too. */
export function hourIn(text: string): number | null {
  const short = /^(\d{4})(\d{2})(\d{2})T(\d{2})Z$/.exec(text);
  if (!short && !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text)) return null;
  const [, year, month, day, hour] = short ?? [];
  const at = Date.parse(short ? `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:00:00Z` : text);
  return Number.isFinite(at) ? floor(at) : null;
}

/** The hour that an instant lies in. */
export function floor(instant: number): number {
  return Math.floor(instant / HOUR_MS) * HOUR_MS;
}
