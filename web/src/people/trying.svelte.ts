/** What somebody does in a form: busy, refused with words, or done. One for each form. */
import { ApiError } from '../api/client';

export class Trying {
  busy = $state(false);
  done = $state(false);
  error = $state.raw<ApiError | null>(null);

  /** Runs work; null when it was refused, and then `error` says why. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    this.busy = true;
    this.done = false;
    this.error = null;
    try {
      const answer = await work();
      this.done = true;
      return answer;
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      this.error = cause;
      return null;
    } finally {
      this.busy = false;
    }
  }
}
