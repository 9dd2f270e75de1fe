/** Periods of reports as civil days, `YYYY-MM-DD`; no clock and no zone is needed for that. */
export type Every = 'day' | 'week' | 'month' | 'year' | 'once';

const DAY_MS = 86_400_000;

function text(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The period before or after the one that begins with a day. */
export function beside(every: Every, from: string, step: -1 | 1): { from: string; to: string } {
  const [year = 1970, month = 1] = from.split('-').map(Number);
  const start = Date.parse(`${from}T00:00:00Z`);
  switch (every) {
    case 'year': {
      const own = String(year + step);
      return { from: `${own}-01-01`, to: `${own}-12-31` };
    }
    case 'month':
      return { from: text(Date.UTC(year, month - 1 + step, 1)), to: text(Date.UTC(year, month + step, 0)) };
    case 'week': {
      const first = start + step * 7 * DAY_MS;
      return { from: text(first), to: text(first + 6 * DAY_MS) };
    }
    default: {
      const own = text(start + step * DAY_MS);
      return { from: own, to: own };
    }
  }
}
