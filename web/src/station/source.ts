/** Where the values of a chart come from: readings as JSON, long ones as columns, ozone days as assessed. */
import { ApiError, get, getColumns } from '../api/client';
import type { Datastream, IndexDay, Readings, Step } from '../api/contract';
import { router } from '../router.svelte';
import { readColumns } from './columns';
import type { Window } from './range';
import { seriesOf, type Series } from './series';

const DAY_MS = 86_400_000;

/** Longer raw windows than this come as binary columns, which tell no reasons of gaps. */
export const JSON_DAYS = 31;

export interface Question extends Window {
  stream: Datastream;
  step: Step;
  /** True for ozone by day: the daily maximum of 8-hour means, which only the index has. */
  isAssessed: boolean;
}

export function isLong({ step, from, to }: { step: Step; from: number; to: number }): boolean {
  return step === 'raw' && to - from > JSON_DAYS * DAY_MS;
}

export function ask(question: Question, options: { signal: AbortSignal; quiet: boolean }): Promise<Series> {
  if (question.isAssessed) return askIndex(question, options);
  return isLong(question) ? askColumns(question, options) : askJson(question, options);
}

function query({ stream, step, from, to }: Question) {
  const iso = (at: number) => new Date(at).toISOString();
  return { datastream: stream.id, from: iso(from), to: iso(to), step, raw: router.param('raw') };
}

async function askJson(
  question: Question,
  options: { signal: AbortSignal; quiet: boolean },
): Promise<Series> {
  return seriesOf(await get<Readings>('/readings', query(question), options));
}

async function askColumns(
  question: Question,
  options: { signal: AbortSignal; quiet: boolean },
): Promise<Series> {
  const { bytes, headers } = await getColumns(
    '/readings',
    { ...query(question), format: 'columns' },
    options,
  );
  const columns = readColumns(bytes);
  if (!columns) throw new ApiError(200, cutOff());
  const of = Number(headers.get('x-rows-available') ?? columns.time.length);
  const shown = columns.time.length;
  const { from, to } = question;
  return { ...columns, from, to, gaps: null, truncated: of > shown ? { shown, of } : null };
}

async function askIndex(
  question: Question,
  options: { signal: AbortSignal; quiet: boolean },
): Promise<Series> {
  const { stream, from, to } = question;
  const iso = (at: number) => new Date(at).toISOString();
  const { items } = await get<IndexDay>(
    '/index/day',
    { place: stream.place, from: iso(from), to: iso(to) },
    options,
  );
  const values = items.map(({ concentration }) => concentration.O3 ?? null);
  return {
    time: items.map(({ start }) => Date.parse(start)),
    value: values.map((text) => (text === null ? null : Number(text))),
    flag: values.map((text) => (text === null ? 9 : 1)),
    sequence: values.map(() => 0),
    from,
    to,
    gaps: [],
    truncated: null,
  };
}

function cutOff() {
  return {
    code: 'cut_off',
    message: {
      zh: '读数在传输中断开，没有画出',
      en: 'The readings were cut off on their way and are not drawn',
    },
  };
}
