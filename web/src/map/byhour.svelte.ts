import { ApiError } from '../api/client';

/** Answers kept, oldest forgotten first. */
const KEPT_MOST = 96;

type Ask<T> = (options: { signal?: AbortSignal; quiet?: boolean }) => Promise<T>;

/**
 * One thing per hour: what was asked before is there at once, a newer wish cancels an older one, and what
 * will be wished next can be fetched ahead.
 */
export class ByHour<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  readonly #kept = new Map<string, T>();
  #wish = '';
  #abort: AbortController | null = null;

  /** Shows the answer for `name`; asks when it is not there. */
  async want(name: string, ask: Ask<T>): Promise<void> {
    if (name === this.#wish) return;
    this.#wish = name;
    this.#abort?.abort();
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.data = kept;
      this.error = null;
      return;
    }
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const data = await ask({ signal: abort.signal });
      this.#keep(name, data);
      if (this.#wish !== name) return;
      this.data = data;
      this.error = null;
    } catch (cause) {
      if (abort.signal.aborted) return;
      if (!(cause instanceof ApiError)) throw cause;
      this.data = null;
      this.error = cause;
    }
  }

  /** Fetches ahead, in silence. */
  async ahead(name: string, ask: Ask<T>): Promise<void> {
    if (this.#kept.has(name) || name === this.#wish) return;
    try {
      this.#keep(name, await ask({ quiet: true }));
    } catch {
      // It will be asked again, and then told, when somebody wants to see it.
    }
  }

  /** Nothing is wanted now. */
  clear(): void {
    this.#wish = '';
    this.#abort?.abort();
    this.data = null;
    this.error = null;
  }

  #keep(name: string, data: T): void {
    this.#kept.set(name, data);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MOST && oldest !== undefined) this.#kept.delete(oldest);
  }
}
