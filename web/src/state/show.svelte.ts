/** `say` and the formats, bound to the reader's language and the district's zone. */
import type { Text } from '../api/contract';
import * as format from '../format';
import type { Word } from '../words';
import { settings } from './settings.svelte';
import { vocabulary } from './vocabulary.svelte';
import { world } from './world.svelte';

/** The words for a key in the reader's language; `{name}` is replaced by `values.name`. */
export function say(key: Word, values: Record<string, string | number> = {}): string {
  return (vocabulary.of(key)?.[settings.lang] ?? '').replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}

/** A name from the registry; where the other language is missing the one there is. */
export function nameOf(text: Text | null | undefined): string {
  if (!text) return '';
  return text[settings.lang] || text.zh || text.en;
}

export const show = {
  number: format.number,
  unit: format.unit,
  time: (instant: string | number) => format.time(instant, world.zone),
  clock: (instant: string | number) => format.clock(instant, world.zone),
  date: (instant: string | number) => format.date(instant, world.zone, settings.lang),
  longDate: (instant: string | number) => format.longDate(instant, world.zone, settings.lang),
  dateTime: (instant: string | number) => format.dateTime(instant, world.zone, settings.lang),
  hour: (instant: string | number) => format.hour(instant, world.zone, settings.lang),
  hourSpan: (instant: string | number) => format.hourSpan(instant, world.zone),
  age: (seconds: number) => format.age(seconds, settings.lang),
  day: (instant: string | number) => format.day(instant, world.zone),
  dayStart: (text: string) => format.dayStart(text, world.zone),
  instant: (text: string) => format.instant(text, world.zone),
};
