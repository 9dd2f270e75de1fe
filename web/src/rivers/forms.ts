/** What each kind of entry is made of, so that one form serves all of them. */
import type { Word } from '../words';

export interface FormField {
  name: string;
  /** `both` is Chinese and English; `lines` several keys; `line`, `site` one key. */
  kind: 'text' | 'both' | 'date' | 'number' | 'choice' | 'line' | 'lines' | 'site';
  options?: readonly string[];
  needed?: boolean;
}

export interface Form {
  word: Word;
  /** The right that it needs. */
  right: 'configure' | 'enter';
  fields: readonly FormField[];
}

const text = (name: string): FormField => ({ name, kind: 'text' });
const span: FormField[] = [
  { name: 'from', kind: 'date', needed: true },
  { name: 'to', kind: 'date', needed: true },
];
const line: FormField = { name: 'line', kind: 'line' };
const source = text('source');
const amount = (name: string, needed = false): FormField => ({ name, kind: 'number', needed });

/** The water ledgers, by the name of the book. */
export const LEDGER = {
  cleared: {
    word: 'rentry.cleared',
    right: 'enter',
    fields: [line, ...span, amount('volume_m3', true), text('contractor'), text('disposal'), source],
  },
  replenished: {
    word: 'rentry.replenished',
    right: 'enter',
    fields: [
      { ...line, needed: true },
      ...span,
      amount('planned_m3'),
      amount('actual_m3', true),
      text('origin'),
      text('device'),
      text('trigger'),
      text('approver'),
      source,
    ],
  },
  gauged: {
    word: 'rentry.gauged',
    right: 'enter',
    fields: [
      { name: 'site', kind: 'site', needed: true },
      { name: 'day', kind: 'date', needed: true },
      amount('flow_m3_s', true),
      source,
    ],
  },
  drawn: {
    word: 'rentry.drawn',
    right: 'enter',
    fields: [
      ...span,
      amount('total_t'),
      amount('planned_t'),
      amount('stated_percent'),
      text('scope'),
      source,
    ],
  },
  built: {
    word: 'rentry.built',
    right: 'enter',
    fields: [
      { name: 'work', kind: 'choice', options: ['interception', 'site', 'board'], needed: true },
      line,
      { name: 'day', kind: 'date', needed: true },
      { name: 'count', kind: 'number', needed: true },
      source,
    ],
  },
  listed: {
    word: 'rentry.listed',
    right: 'enter',
    fields: [
      { name: 'list', kind: 'choice', options: ['black_odorous', 'outfall', 'problem'], needed: true },
      { name: 'thing', kind: 'text', needed: true },
      { name: 'name', kind: 'both', needed: true },
      line,
      text('class'),
      { name: 'mark', kind: 'choice', options: ['found', 'worked', 'struck_off'], needed: true },
      { name: 'day', kind: 'date', needed: true },
      text('verifier'),
      source,
    ],
  },
  stated: {
    word: 'rentry.stated',
    right: 'enter',
    fields: [...span, { name: 'text', kind: 'both', needed: true }, source],
  },
} as const satisfies Record<string, Form>;

export const CHIEF: Form = {
  word: 'rentry.chief',
  right: 'enter',
  fields: [
    { name: 'post', kind: 'both', needed: true },
    {
      name: 'level',
      kind: 'choice',
      options: ['first_general', 'general', 'deputy_general', 'district', 'sub_district', 'community'],
      needed: true,
    },
    { name: 'lines', kind: 'lines' },
    text('unit'),
    text('account'),
    { name: 'from', kind: 'date', needed: true },
    { name: 'to', kind: 'date' },
    source,
  ],
};

export const PATROL_PLAN: Form = {
  word: 'rentry.patrol_plan',
  right: 'configure',
  fields: [
    { name: 'lines', kind: 'lines', needed: true },
    {
      name: 'level',
      kind: 'choice',
      options: ['district', 'sub_district', 'community'],
    },
    { name: 'count', kind: 'number', needed: true },
    {
      name: 'every',
      kind: 'choice',
      options: ['day', 'week', 'ten_days', 'month', 'quarter', 'half_year', 'year'],
      needed: true,
    },
    { name: 'from', kind: 'date', needed: true },
    { name: 'to', kind: 'date' },
    source,
  ],
};

export const FILE: Form = {
  word: 'rentry.file',
  right: 'enter',
  fields: [
    text('code'),
    { name: 'begins', kind: 'both' },
    { name: 'ends', kind: 'both' },
    amount('length_m'),
    { name: 'basin', kind: 'both' },
  ],
};

export const POLICY_ENTRY: Form = {
  word: 'rentry.policy',
  right: 'enter',
  fields: [
    {
      name: 'list',
      kind: 'choice',
      options: ['problems', 'targets', 'tasks', 'measures', 'responsibilities'],
      needed: true,
    },
    { name: 'key', kind: 'text', needed: true },
    { name: 'text', kind: 'both', needed: true },
    text('of'),
    { name: 'owner', kind: 'both' },
    { name: 'due', kind: 'date' },
    text('indicator'),
    text('progress'),
    { name: 'done', kind: 'date' },
    text('proof'),
  ],
};

export type Values = Record<string, string | string[]>;
export type Entry = Record<string, unknown>;

/** Names of the parts of a field in two languages. */
export const part = (name: string, lang: 'zh' | 'en') => `${name}.${lang}`;

/** The document that a filled form stands for; what was left empty is left out. */
export function documentOf(fields: readonly FormField[], values: Values): Entry {
  const made: Entry = {};
  for (const { name, kind } of fields) {
    const value = values[name];
    if (kind === 'both') {
      const [zh, en] = [one(values[part(name, 'zh')]), one(values[part(name, 'en')])];
      if (zh || en) made[name] = { zh, en };
    } else if (Array.isArray(value)) {
      if (value.length > 0) made[name] = value;
    } else if (one(value)) {
      made[name] = name === 'count' ? Number(value) : one(value);
    }
  }
  return made;
}

function one(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** A policy with one entry put in the place of the one with its key, or at the end of its list. */
export function withEntry(file: Entry | null, filled: Entry): Entry {
  const { list, ...entry } = filled;
  const policy = { ...((file?.policy as Entry | undefined) ?? {}) };
  const name = String(list);
  const before = (policy[name] as Entry[] | undefined) ?? [];
  const at = before.findIndex((own) => own.key === entry.key);
  policy[name] = at < 0 ? [...before, entry] : before.map((own, i) => (i === at ? entry : own));
  return { ...(file ?? {}), policy };
}
