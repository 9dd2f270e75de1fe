/** What each move asks of its author. Pure; whether it may be made, and why not, the server says. */

export interface Asks {
  /** Nothing happens without a written reason. */
  reason: boolean;
  photos?: 'before' | 'after' | 'none';
  unit?: boolean;
  until?: boolean;
  points?: boolean;
  into?: boolean;
  /** Where the person is. */
  spot?: boolean;
  /** It ends or undoes something: its button is no primary one. */
  grave?: boolean;
}

const ASKS: Record<string, Asks> = {
  file: { reason: false },
  reject: { reason: true, grave: true },
  dispatch: { reason: false, unit: true },
  accept: { reason: false },
  on_site: { reason: false, spot: true },
  feed_back: { reason: true, photos: 'after' },
  ask_return: { reason: true, grave: true },
  ask_extension: { reason: true, until: true, grave: true },
  ask_suspension: { reason: true, until: true, grave: true },
  approve: { reason: false },
  refuse: { reason: true, grave: true },
  resume: { reason: true, grave: true },
  pass: { reason: true, photos: 'after', spot: true },
  fail: { reason: true, grave: true },
  reopen: { reason: true, grave: true },
  evaluate: { reason: false, points: true },
  invalid: { reason: true, grave: true },
  join: { reason: false, into: true, grave: true },
  comment: { reason: true, photos: 'none', grave: true },
};

/** A move that this page does not know asks for a reason: then nothing is left out by mistake. */
export function asksOf(move: string): Asks {
  return ASKS[move] ?? { reason: true, grave: true };
}

/** Whether what was entered is whole. */
export function isWhole(
  asks: Asks,
  given: { note: string; unit: string; until: string; into: string },
): boolean {
  return (
    (!asks.reason || given.note.trim() !== '') &&
    (!asks.unit || given.unit !== '') &&
    (!asks.until || given.until !== '') &&
    (!asks.into || given.into.trim() !== '')
  );
}

/** The move that the case waits for: the first one allowed that ends nothing. */
export function next<M extends { move: string; allowed: boolean }>(moves: readonly M[]): M | null {
  const open = moves.filter(({ allowed }) => allowed);
  return open.find(({ move }) => !asksOf(move).grave) ?? null;
}
