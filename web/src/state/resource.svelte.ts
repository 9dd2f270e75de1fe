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
    this.#current = this.#run(ask, false);
    return this.#current;
  }

  /** Loads in the background, once what is being loaded now has arrived: nothing dims meanwhile. */
  async refresh(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    const question = this.#ask;
    await this.#current;
    // Meanwhile the page may have asked another question; then these news are nobody's.
    if (this.#ask !== question) return;
    this.#current = this.#run(ask, true);
    await this.#current;
  }

  /** Asks the last question again in the background. */
  async again(): Promise<void> {
    if (this.#ask) await this.refresh(this.#ask);
  }

  /** Asks the last question again. */
  async retry(): Promise<void> {
    if (this.#ask) await this.load(this.#ask);
  }

  async #run(ask: (signal: AbortSignal) => Promise<T>, quiet: boolean): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#ask = ask;
    this.loading = !quiet;
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
