import { ApiError } from '../api/client';

/**
 * One thing the page asked for, and how the asking went.
 *
 * What was there before stays while new data load and when loading fails, so that nothing flickers and
 * nothing is lost; a newer question cancels the older one.
 */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  #abort: AbortController | null = null;
  #ask: ((signal: AbortSignal) => Promise<T>) | null = null;
  #current: Promise<void> = Promise.resolve();

  load(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#current = this.#run(ask);
    return this.#current;
  }

  /** Loads once what is being loaded now has arrived: for news that come while the first answer is on its way. */
  async refresh(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    await this.#current;
    await this.load(ask);
  }

  /** Asks the last question again. */
  async retry(): Promise<void> {
    if (this.#ask) await this.load(this.#ask);
  }

  /** Forgets everything, because the page now asks about another thing. */
  clear(): void {
    this.#abort?.abort();
    this.data = null;
    this.error = null;
    this.loading = false;
  }

  async #run(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#ask = ask;
    this.loading = true;
    try {
      const data = await ask(abort.signal);
      if (abort.signal.aborted) return;
      this.data = data;
      this.error = null;
    } catch (cause) {
      if (abort.signal.aborted) return;
      if (!(cause instanceof ApiError)) throw cause;
      this.error = cause;
    } finally {
      if (this.#abort === abort) this.loading = false;
    }
  }
}
