/** Half-filled forms survive a reload, a lost session and a wrong turn: they are kept for as long as the tab is. */
import type { Entry } from './fields';

export interface Draft {
  /** The revision that was looked at when it was begun; null for a new entry. */
  revision: number | null;
  value: Entry;
}

const PREFIX = 'skyriver.draft.';

export function keepDraft(name: string, draft: Draft): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    // Without storage the form lives on the page only.
  }
}

export function draftOf(name: string): Draft | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null');
    if (!kept || typeof kept !== 'object' || !('value' in kept)) return null;
    return kept as Draft;
  } catch {
    return null;
  }
}

export function dropDraft(name: string): void {
  try {
    sessionStorage.removeItem(PREFIX + name);
  } catch {
    // Nothing was kept.
  }
}
