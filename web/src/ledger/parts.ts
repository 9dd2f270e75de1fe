import type { Account, Disposition } from '../api/contract';
import type { Word } from '../words';

export type Part = Exclude<keyof Account, 'received'>;

/** Where a frame or reading can have gone. */
export const DISPOSITIONS: readonly Disposition[] = ['stored', 'duplicate', 'rejected', 'quarantined'];

/** What the ledger adds up, in its order: the dispositions, and what has none yet. */
export const PARTS: readonly Part[] = [...DISPOSITIONS, 'in_flight'];

const WORDS: Record<Part, Word> = {
  stored: 'flow.stored',
  duplicate: 'flow.duplicate',
  rejected: 'flow.rejected',
  quarantined: 'flow.quarantined',
  in_flight: 'flow.in_flight',
};

export function partWord(part: Part): Word {
  return WORDS[part];
}
