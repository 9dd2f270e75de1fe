/** What the tracing panel asks and how it shows the answer. Pure. */
import type { Candidate } from '../api/map';
import type { Point } from '../parts/PointMap.svelte';

/** What is known of a rise: the part of a finding that tracing needs. */
export interface Risen {
  about_data: boolean;
  began: string;
  cleared: string | null;
  subject: {
    about: string;
    parameter: string | null;
    place: string;
    place_name: { zh: string; en: string };
    lon: number;
    lat: number;
  };
}

/** Hours of a window that can be chosen. */
export const WINDOW_HOURS = [3, 6, 12] as const;
/** Candidates that are listed one by one. */
const LISTED = 6;
/** Candidates that are told with their evidence where there is little room. */
export const BRIEF = 3;
const HOUR_MS = 3_600_000;
/** Hours of a long rise that are looked at: what comes first tells most; water takes its time to the next site. */
const LOOKED_AT = { air: 6, water: 24 };
/** Why there is no answer: no fault of anybody, so it is told quietly. */
export const UNANSWERED = ['no_wind', 'wind_unit', 'no_rise', 'too_few_places', 'not_traceable', 'no_river'];

/** The window that ends with an hour: most of it before, since a rise is looked at when it is there. */
export function windowOf(end: number, hours: number): { from: string; to: string } {
  return { from: new Date(end - hours * 3_600_000).toISOString(), to: new Date(end).toISOString() };
}

/** The window of a rise that was found: an hour before it and its first hours. */
export function windowAround({ began, cleared, subject }: Risen): { from: string; to: string } {
  const start = Date.parse(began);
  const long = start + (subject.about === 'water' ? LOOKED_AT.water : LOOKED_AT.air) * HOUR_MS;
  const over = cleared === null ? long : Math.max(Date.parse(cleared), start + HOUR_MS);
  return {
    from: new Date(start - HOUR_MS).toISOString(),
    to: new Date(Math.min(over, long)).toISOString(),
  };
}

/** Pins of the small map: where it rose, and the first candidates by their rank. */
export function pinsOf(
  at: { place: string; name: string; lon: number; lat: number },
  candidates: (Pick<Candidate, 'at' | 'probability'> & { name: string })[],
): Point[] {
  const suspects = candidates.slice(0, BRIEF).flatMap(({ at, name, probability }, i): Point[] => {
    const [lon, lat] = at ?? [];
    if (lon === undefined || lat === undefined || probability < 0.01) return [];
    const label = `${name} · ${percent(probability)} %`;
    return [{ key: `candidate-${String(i)}`, lon, lat, sign: String(i + 1), label }];
  });
  return [{ key: at.place, lon: at.lon, lat: at.lat, sign: '!', label: at.name, main: true }, ...suspects];
}

/** The first candidates, and what the others have together. */
export function listed(
  candidates: Candidate[],
  most = LISTED,
): {
  shown: Candidate[];
  others: number;
  rest: number;
} {
  const shown = candidates.filter((one, i) => i < most && (i < 3 || one.probability >= 0.01));
  const others = candidates.slice(shown.length);
  return { shown, others: others.length, rest: others.reduce((sum, one) => sum + one.probability, 0) };
}

/** A probability as a whole per cent; what is nearly nothing or nearly sure is not called nothing or sure. */
export function percent(probability: number): string {
  if (probability < 0.005) return '<1';
  if (probability > 0.995) return '>99';
  return String(Math.round(100 * probability));
}

/** A number with two digits that count. */
export function rough(value: number): string {
  return String(Number(value.toPrecision(2)));
}
