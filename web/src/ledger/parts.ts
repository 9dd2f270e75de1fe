import type { Disposition } from '../api/contract';
import type { Word } from '../words';

/** The ways a frame or reading can have gone, in the order in which the ledger adds them. */
export const PARTS: readonly Disposition[] = ['stored', 'duplicate', 'rejected', 'quarantined', 'in_flight'];

const WORDS: Record<Disposition, Word> = {
  stored: 'flow.stored',
  duplicate: 'flow.duplicate',
  rejected: 'flow.rejected',
  quarantined: 'flow.quarantined',
  in_flight: 'flow.in_flight',
};

export function partWord(part: Disposition): Word {
  return WORDS[part];
}
