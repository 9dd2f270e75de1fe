/** The words that are here: those of the first script, and the others when their chunk came. */
import { hold } from '../ready';
import type { Word } from '../words';
import { base } from '../words.base';

type Cell = Readonly<{ zh: string; en: string }>;

class Vocabulary {
  #table = $state.raw<Readonly<Record<string, Cell>>>(base);
  readonly #whole = this.#load();

  /** The words of a key; none while its chunk is on its way. */
  of(key: Word): Cell | null {
    return this.#table[key] ?? null;
  }

  /** Resolves when every word is here. */
  whole(): Promise<void> {
    return this.#whole;
  }

  async #load(): Promise<void> {
    const release = hold();
    try {
      const { rest } = await import('../words.rest');
      this.#table = { ...base, ...rest };
    } finally {
      release();
    }
  }
}

export const vocabulary = new Vocabulary();
