/** Made-up values for the gallery; the same on each day, so that pictures can be compared. */
import type { Account } from '../api/contract';

const START = Date.UTC(2026, 9, 2, 16);

function hours(value: (hour: number) => number | null) {
  return Array.from({ length: 24 }, (_, hour) => ({
    time: new Date(START + hour * 3_600_000).toISOString(),
    value: value(hour),
  }));
}

export const course = hours((hour) => Math.round(90 + 50 * Math.sin(hour / 4)));
export const gappy = hours((hour) => (hour > 6 && hour < 13 ? null : 60 + ((hour * 37) % 40)));

export const account: Account = {
  received: 38_858,
  stored: 38_764,
  duplicate: 78,
  rejected: 10,
  quarantined: 6,
  in_flight: 0,
};
export const broken: Account = { ...account, stored: 38_700 };
