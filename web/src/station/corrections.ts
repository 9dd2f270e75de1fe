/** Corrections in words. */
import type { components } from '../api/types';
import { say } from '../state/show.svelte';
import type { Word } from '../words';

type Correction = components['schemas']['Correction'];

export const KINDS = ['offset', 'factor', 'drift', 'flag', 'replace', 'accept'] as const;
export type Kind = (typeof KINDS)[number];
export const QUALITIES = ['good', 'unknown', 'suspect', 'fail'] as const;

interface Operation {
  kind: Kind | 'values';
  by?: string;
  start?: string;
  end?: string;
  quality?: (typeof QUALITIES)[number];
  value?: string | null;
  rows?: unknown[];
}

export function levelWord(level: string): Word {
  if (level === 'approved') return 'correct.approved';
  return level === 'automatic' ? 'correct.automatic' : 'correct.reviewed';
}

export function kindWord(kind: Kind | 'values'): Word {
  return `correct.${kind}`;
}

/** `offset −1.5`, with the document that it rests on. */
export function operationText(correction: Correction): string {
  const own = correction.operation as unknown as Operation;
  const what = [say(kindWord(own.kind)), detail(own)].filter(Boolean).join(' ');
  const document = (correction.document as unknown as { name: string } | null)?.name;
  return document ? `${what} (${document})` : what;
}

function detail({ kind, by, start, end, quality, value, rows }: Operation): string {
  if (kind === 'drift') return `${start ?? ''} → ${end ?? ''}`;
  if (kind === 'flag' && quality) return say(`quality.${quality}`);
  if (kind === 'replace') return value ?? say('quality.missing');
  if (kind === 'values') return String(rows?.length ?? 0);
  return by ?? '';
}

/** What a form says, as the server wants it; null while a number is missing. */
export function operationOf(kind: Kind, first: string, second: string, quality: string): object | null {
  const isNumber = (text: string) => /^[+-]?\d+(\.\d+)?$/.test(text.trim());
  if (kind === 'accept') return { kind };
  if (kind === 'flag') return { kind, quality };
  if (kind === 'replace')
    return first.trim() === ''
      ? { kind, value: null }
      : isNumber(first)
        ? { kind, value: first.trim() }
        : null;
  if (!isNumber(first)) return null;
  if (kind === 'drift') return isNumber(second) ? { kind, start: first.trim(), end: second.trim() } : null;
  return { kind, by: first.trim() };
}
