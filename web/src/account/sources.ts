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
}

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

export function takesOf(by: By): readonly Takes[] {
  return by === 'section' ? [...TAKES, ...LOADS] : TAKES;
}

/** Whether a way compares values with something that has to be said. */
export function isCompared(takes: string): boolean {
  return ['excess', 'percent', 'multiple', 'load_excess'].includes(takes);
}

/** What the scheme says of its inputs, and what was chosen before; what is open stays empty, and is never guessed. */
export function draftsOf(scheme: Scheme, before: Draft[] = []): Draft[] {
  return scheme.inputs.map(({ name, item, takes, reference }) => {
    const kept = before.find((draft) => draft.name === name);
    const way = takes ?? kept?.takes ?? '';
    return {
      name,
      item: item ?? kept?.item ?? '',
      takes: way,
      reference: reference ?? kept?.reference ?? (way === 'load_excess' ? '' : 'mean'),
    };
  });
}

/** The same drafts for other units: an item or a way that these do not have is to be chosen again. */
export function draftsFor(by: By, drafts: Draft[]): Draft[] {
  return drafts.map((draft) => ({
    ...draft,
    item: itemsOf(by).includes(draft.item) ? draft.item : '',
    takes: takesOf(by).some((one) => one === draft.takes) ? draft.takes : '',
  }));
}

/** The drafts as the server takes them. */
export function asked(drafts: Draft[]): object[] {
  return drafts.map(({ name, item, takes, reference }) => ({
    name,
    item,
    takes,
    ...(isCompared(takes) ? { reference } : {}),
  }));
}
