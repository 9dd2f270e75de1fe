/** Where the inputs of a scheme come from, as the form asks for it: pure, so that it can be tested. */
import type { Scheme } from '../api/account';

export const BY = ['place', 'area', 'section'] as const;
export type By = (typeof BY)[number];

/** What the form holds of one input; an empty item or way is still to be chosen. */
export interface Draft {
  name: string;
  item: string;
  takes: string;
  reference: string;
  /** Of a section: the share of days that has to be measured, per cent; empty: the server's. */
  share: number | null;
}

/** What the form holds of the score that another scheme pays by. */
export interface ScoreDraft {
  /** Its key; empty: still to be chosen. */
  scheme: string;
  best: string;
  inputs: Draft[];
}

/** The item of an input that is the result of another scheme. */
export const SCORE = 'score';

export const AIR_ITEMS = [
  'PM2.5',
  'PM10',
  'O3',
  'NO2',
  'SO2',
  'CO',
  'composite',
  'good_days',
  'good_share',
  'heavy_days',
] as const;
/** Items of water of which more is worse. */
export const WATER_ITEMS = ['cod', 'codmn', 'bod5', 'nh3n', 'tp', 'tn'] as const;
const TAKES = ['value', 'excess', 'percent', 'multiple', 'place', 'place_from_end', 'change'] as const;
const LOADS = ['load', 'load_excess'] as const;
export type Takes = (typeof TAKES)[number] | (typeof LOADS)[number];

export function itemsOf(by: By): readonly string[] {
  return by === 'section' ? WATER_ITEMS : AIR_ITEMS;
}

export function takesOf(by: By, item: string): readonly Takes[] {
  return by === 'section' && item !== SCORE ? [...TAKES, ...LOADS] : TAKES;
}

/** Whether one may say of how many days there has to be a value. */
export function hasShare(by: By, item: string): boolean {
  return by === 'section' && item !== SCORE;
}

/** Whether a place is taken: of a score somebody has to say then which end is the best. */
export function isPlaced(takes: string): boolean {
  return takes === 'place' || takes === 'place_from_end';
}

/** Whether a way compares values with something that has to be said. */
export function isCompared(takes: string): boolean {
  return ['excess', 'percent', 'multiple', 'load_excess'].includes(takes);
}

/** What the scheme says of its inputs, and what was chosen before; what is open stays empty, and is never guessed. */
export function draftsOf(scheme: Scheme, before: Draft[] = []): Draft[] {
  return scheme.inputs.map(({ name, item, takes, reference, days_percent_min: share }) => {
    const kept = before.find((draft) => draft.name === name);
    const way = takes ?? kept?.takes ?? '';
    return {
      name,
      item: item ?? kept?.item ?? '',
      takes: way,
      reference: reference ?? kept?.reference ?? (way === 'load_excess' ? '' : 'mean'),
      share: share ?? kept?.share ?? null,
    };
  });
}

/** The same drafts for other units: an item or a way that these do not have is to be chosen again. */
export function draftsFor(by: By, drafts: Draft[]): Draft[] {
  return drafts.map((draft) => ({
    ...draft,
    item: draft.item === SCORE || itemsOf(by).includes(draft.item) ? draft.item : '',
    takes: takesOf(by, draft.item).some((one) => one === draft.takes) ? draft.takes : '',
  }));
}

/** The score of this key, as far as it says itself where its inputs come from; what was chosen of them before stays. */
export function scoreOf(scores: Scheme[], key: string, by: By, before: ScoreDraft): ScoreDraft {
  const scheme = scores.find((one) => one.key === key);
  if (scheme === undefined) return { scheme: '', best: '', inputs: [] };
  const kept = before.scheme === key ? before : { best: '', inputs: [] };
  return {
    scheme: key,
    best: scheme.best ?? kept.best,
    inputs: draftsFor(by, draftsOf(scheme, kept.inputs)),
  };
}

/** The drafts as the server takes them. */
export function asked(by: By, drafts: Draft[]): object[] {
  return drafts.map(({ name, item, takes, reference, share }) => ({
    name,
    item,
    takes,
    ...(isCompared(takes) ? { reference } : {}),
    ...(share !== null && hasShare(by, item) ? { days_percent_min: share } : {}),
  }));
}

/** The score as the server takes it. */
export function askedScore(by: By, { scheme, best, inputs }: ScoreDraft): object {
  return { scheme, inputs: asked(by, inputs), ...(best === '' ? {} : { best }) };
}
