/**
 * The hour that the reader looks at: null is now. It stands in the address as `t=20261122T08Z`, with the
 * window of the timeline as `w=24h` and the parameter as `p=pm25`.
 *
 * Browsers refuse more than some 200 changes of the address in 30 s, so while somebody drags, the address
 * follows at most five times a second; everything on the page follows at once.
 */
import { router } from '../router.svelte';
import { floor, HOUR_MS, hourIn, textOf, WINDOWS, type Window } from '../timeline/hour';
import { live } from './live.svelte';

const WINDOW: Window = '7d';
const WRITE_MS = 200;

class Moment {
  /** What the address does not say yet; undefined when it says everything. */
  #ahead = $state.raw<number | null | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #said = $derived.by(() => {
    const text = router.param('t');
    return text === null ? null : hourIn(text);
  });

  /** The hour that runs now; changes once an hour. */
  readonly newest = $derived(floor(live.now));
  /** The hour looked at; null is now. Never in the future. */
  readonly at = $derived.by(() => {
    const at = this.#ahead === undefined ? this.#said : this.#ahead;
    return at !== null && at > this.newest ? null : at;
  });
  readonly window: Window = $derived.by(() => {
    const text = router.param('w');
    return text !== null && text in WINDOWS ? (text as Window) : WINDOW;
  });
  readonly hours = $derived(WINDOWS[this.window]);
  /** The first hour of the window: it ends now, or holds the hour looked at when that lies further back. */
  readonly start = $derived.by(() => {
    const latest = this.newest - (this.hours - 1) * HOUR_MS;
    if (this.at === null || this.at >= latest) return latest;
    // Whole half windows, so that a step does not move everything.
    const half = Math.max(Math.floor(this.hours / 2), 1) * HOUR_MS;
    return latest - Math.ceil((latest - this.at) / half) * half;
  });
  readonly end = $derived(this.start + this.hours * HOUR_MS);

  /** Looks at an hour; null, or an hour after the newest, is now. */
  go(hour: number | null): void {
    const at = hour === null || hour > this.newest ? null : floor(hour);
    if (at === this.at) return;
    this.#ahead = at;
    if (this.#timer) return;
    this.#write();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#write();
    }, WRITE_MS);
  }

  /** Some hours on or back; from now one step back is the newest whole hour. */
  step(hours: number): void {
    const from = this.at ?? this.newest;
    const next = from + hours * HOUR_MS;
    this.go(next >= this.newest && hours > 0 ? null : next);
  }

  #write(): void {
    if (this.#ahead === undefined) return;
    router.set({ t: this.#ahead === null ? null : textOf(this.#ahead) }, 'replace');
    this.#ahead = undefined;
  }
}

export const moment = new Moment();
