/**
 * The window of time that all charts of a station share. It moves at once; the address, and with it what is
 * loaded, follows when the reader has come to rest.
 */
import { hold } from '../ready';
import { router } from '../router.svelte';
import { named, type Window } from './range';

const REST_MS = 250;

export class View {
  /** Where the reader has moved to and the address has not followed yet. */
  moved = $state.raw<Window | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #release: () => void = () => undefined;

  move = (window: Window): void => {
    this.moved = window;
    this.#release();
    this.#release = hold();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      router.set(named(window), 'replace');
      this.moved = null;
      this.#release();
    }, REST_MS);
  };

  reset = (): void => {
    this.stop();
    router.set({ from: null, to: null, span: null });
  };

  /** Forgets a movement that has not come to rest; the page may be gone by then. */
  stop = (): void => {
    clearTimeout(this.#timer);
    this.moved = null;
    this.#release();
  };
}
