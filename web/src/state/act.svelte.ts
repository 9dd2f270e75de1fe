/**
 * Changes something as whoever sits here. Where the server wants the password once more, it is asked for
 * (`shell/Prove.svelte`), and what was wanted is tried again.
 */
import { ApiError } from '../api/client';
import { send, type Sending } from '../api/send';
import { session } from './session.svelte';

class Act {
  /** Set while the password is asked for: called with whether it was given. */
  asking = $state.raw<((given: boolean) => void) | null>(null);

  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, sending: Sending = {}): Promise<T> {
    return this.proven(() => {
      const headers = { ...session.headers(), ...sending.headers };
      return send<T>(method, path, { ...sending, headers });
    });
  }

  /** Does something, once more after the password was given where it is wanted. */
  async proven<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (cause) {
        if (!(cause instanceof ApiError)) throw cause;
        if (cause.code === 'not_signed_in') session.end();
        if (cause.code !== 'prove_again' || !(await this.#proved())) throw cause;
      }
    }
  }

  #proved(): Promise<boolean> {
    return new Promise((resolve) => {
      this.asking = (given) => {
        this.asking = null;
        resolve(given);
      };
    });
  }
}

export const act = new Act();
