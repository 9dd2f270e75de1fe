/** Numbers, dates and units as people read them. Pure: language and zone are arguments. */

export type Lang = 'zh' | 'en';

/** Groups of three digits are divided by a narrow space that does not break. */
const SPACE = '\u202f';
const MINUS = '\u2212';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `1204331` → `1 204 331`. With `decimals`, shown to that many places; without, as it is. */
export function number(value: number, decimals?: number): string {
  const text = decimals === undefined ? String(Math.abs(value)) : Math.abs(value).toFixed(decimals);
  if (text.includes('e')) return String(value);
  const [whole = '', part] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, SPACE);
  const zero = /^[0.]*$/.test(text);
  return `${value < 0 && !zero ? MINUS : ''}${grouped}${part === undefined ? '' : `.${part}`}`;
}

interface Civil {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The civil time of an instant in a zone. */
export function civil(instant: string | number, zone: string): Civil {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(zone, clock);
  }
  const found: Record<string, number> = {};
  for (const part of clock.formatToParts(new Date(instant))) found[part.type] = Number(part.value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = found;
  return { year, month, day, hour, minute, second };
}

/** `08:00` */
export function time(instant: string | number, zone: string): string {
  const at = civil(instant, zone);
  return `${two(at.hour)}:${two(at.minute)}`;
}

/** `08:41:12` */
export function clock(instant: string | number, zone: string): string {
  return `${time(instant, zone)}:${two(civil(instant, zone).second)}`;
}

/** `10月3日`, `3 Oct` */
export function date(instant: string | number, zone: string, lang: Lang): string {
  const at = civil(instant, zone);
  return lang === 'zh'
    ? `${String(at.month)}月${String(at.day)}日`
    : `${String(at.day)} ${MONTHS[at.month - 1] ?? ''}`;
}

/** `2026年10月3日`, `3 Oct 2026` */
export function longDate(instant: string | number, zone: string, lang: Lang): string {
  const { year } = civil(instant, zone);
  const rest = date(instant, zone, lang);
  return lang === 'zh' ? `${String(year)}年${rest}` : `${rest} ${String(year)}`;
}

/** `2026年10月3日 08:00`, `3 Oct 2026 08:00` */
export function dateTime(instant: string | number, zone: string, lang: Lang): string {
  return `${longDate(instant, zone, lang)} ${time(instant, zone)}`;
}

/** An hour is named by its start: `08 时`, `08:00`. */
export function hour(instant: string | number, zone: string, lang: Lang): string {
  return lang === 'zh' ? `${two(civil(instant, zone).hour)} 时` : time(instant, zone);
}

/** What the name of an hour means: `08:00–09:00`. */
export function hourSpan(instant: string | number, zone: string): string {
  const start = typeof instant === 'number' ? instant : Date.parse(instant);
  return `${time(start, zone)}–${time(start + 3_600_000, zone)}`;
}

/** The civil day of an instant: `2026-10-03`. */
export function day(instant: string | number, zone: string): string {
  const at = civil(instant, zone);
  return `${String(at.year)}-${two(at.month)}-${two(at.day)}`;
}

/** The instant at which a civil day begins in a zone. */
export function dayStart(text: string, zone: string): number {
  const naive = Date.parse(`${text}T00:00:00Z`);
  const at = civil(naive, zone);
  const shown = Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second);
  return naive - (shown - naive);
}

/** `2026-03-01T08:00` on the clock of a zone, as an instant. */
export function instant(text: string, zone: string): string {
  const [day = '', time = ''] = text.split('T');
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return new Date(dayStart(day, zone) + (hour * 60 + minute) * 60_000).toISOString();
}

/** How long ago: `40 秒前`, `3 min ago`. */
export function age(seconds: number, lang: Lang): string {
  const [amount, zh, en] = span(Math.max(0, Math.floor(seconds)));
  return lang === 'zh' ? `${String(amount)} ${zh}前` : `${String(amount)} ${en} ago`;
}

function span(seconds: number): [number, string, string] {
  if (seconds < 90) return [seconds, '秒', 's'];
  if (seconds < 90 * 60) return [Math.floor(seconds / 60), '分钟', 'min'];
  if (seconds < 48 * 3600) return [Math.floor(seconds / 3600), '小时', 'h'];
  return [Math.floor(seconds / 86_400), '天', 'd'];
}

/** `ug/m3` → `µg/m³`. Unknown units are shown as they are. */
export function unit(text: string): string {
  return text
    .replace(/^1$/, '')
    .replace(/^u(?=[gS])/, 'µ')
    .replace(/^Cel$/, '°C')
    .replace(/\b(k?m)3\b/, '$1³')
    .replace(/\bm2\b/, 'm²')
    .replace(/^degC$/, '°C')
    .replace(/^deg$/, '°');
}

/** A formula split for a subscript: `PM2.5` → `['PM', '2.5']`, `CO` → `['CO', '']`. */
export function formula(symbol: string): [string, string] {
  const found = /^(PM|SO|NO|O)(x|\d+(?:\.\d+)?)$/.exec(symbol);
  return found ? [found[1] ?? '', found[2] ?? ''] : [symbol, ''];
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
