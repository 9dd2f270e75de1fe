/** Months by name and the sixteen winds. Pure. */

/** The month that many months later: `2026-01` → `2025-12`. */
export function monthAfter(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

const WINDS = {
  zh: ['北', '东北', '东', '东南', '南', '西南', '西', '西北'],
  en: ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'],
} as const;

/** The nearest of eight directions. */
export function direction(degrees: number, lang: 'zh' | 'en'): string {
  const eighth = Math.round((((degrees % 360) + 360) % 360) / 45) % 8;
  return WINDS[lang][eighth] ?? '';
}

/** `850 m`, `2.4 km` */
export function distance(metres: number): string {
  return metres < 1000 ? `${String(Math.round(metres))} m` : `${(metres / 1000).toFixed(1)} km`;
}
