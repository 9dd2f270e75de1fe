/**
 * The keys of the page, in one table from which the help is made. They can be switched off (WCAG 2.1.4);
 * `Esc`, and the keys of whatever has the focus, always work.
 */
import type { Word } from './words';

export interface Binding {
  /** As the help shows them; a key, or two one after the other: `g m`. */
  keys: string;
  word: Word;
  run: () => void;
}

const KEPT = 'skyriver.keys';
/** The second key of two comes within this time. */
const CHORD_MS = 1500;

class Keys {
  on = $state(kept());
  helping = $state(false);
  bindings = $state.raw<Binding[]>([]);
  #first: { key: string; at: number } | null = null;

  /** Adds bindings until the returned function is called. */
  bind(...added: Binding[]): () => void {
    this.bindings = [...this.bindings, ...added];
    return () => {
      this.bindings = this.bindings.filter((one) => !added.includes(one));
    };
  }

  switch(on: boolean): void {
    this.on = on;
    try {
      localStorage.setItem(KEPT, on ? 'on' : 'off');
    } catch {
      // Storage may be refused; then it holds until the page is closed.
    }
  }

  listen(): void {
    addEventListener('keydown', (event) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key !== 'Escape' && (!this.on || isTyped(event))) return;
      if (document.querySelector('dialog[open]')) return;
      const found = this.#find(event.key);
      if (!found) return;
      event.preventDefault();
      found.run();
    });
  }

  #find(key: string): Binding | null {
    const now = performance.now();
    const first = this.#first;
    this.#first = null;
    const named = NAMES[key] ?? key;
    const whole = first && now - first.at < CHORD_MS ? `${first.key} ${named}` : named;
    const found = this.bindings.findLast(({ keys }) => keys === whole);
    if (!found && this.bindings.some(({ keys }) => keys.startsWith(`${named} `))) {
      this.#first = { key: named, at: now };
    }
    return found ?? null;
  }
}

/** Keys whose event names them otherwise than people do. */
const NAMES: Record<string, string> = { ' ': 'Space', Escape: 'Esc', '=': '+' };

/** Whether a key belongs to what has the focus: text is written there, or the key presses it. */
function isTyped(event: KeyboardEvent): boolean {
  const at = event.target;
  if (!(at instanceof HTMLElement)) return false;
  if (at.isContentEditable || at.matches('input, textarea, select')) return true;
  return event.key === ' ' && at.matches('button, summary, [role="option"], [role="tab"]');
}

/** Moves the focus through the rows of the list on the page: `[data-row]`, or the links of a `[data-list]`. */
export function stepRow(by: 1 | -1): void {
  const rows = [
    ...document.querySelectorAll<HTMLElement>('[data-list] li > a:first-child, [data-row]'),
  ].filter((row) => row.offsetParent !== null);
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next]?.focus();
}

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) !== 'off';
  } catch {
    return true;
  }
}

export const keys = new Keys();
