/** Plays the hours forward at 1, 4 or 10 steps per second, until now or until somebody stops it. */
import { moment } from '../state/moment.svelte';

export const RATES = [1, 4, 10] as const;
export type Rate = (typeof RATES)[number];

class Player {
  playing = $state(false);
  rate = $state<Rate>(4);
  #timer: ReturnType<typeof setInterval> | null = null;

  toggle(): void {
    if (this.playing) this.stop();
    else this.start();
  }

  start(): void {
    // From now there is nothing to play forward to: begin at the start of the window.
    if (moment.at === null) moment.go(moment.start);
    this.playing = true;
    this.#run();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.playing = false;
  }

  choose(rate: Rate): void {
    this.rate = rate;
    if (this.playing) this.#run();
  }

  #run(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      moment.step(1);
      if (moment.at === null) this.stop();
    }, 1000 / this.rate);
  }
}

export const player = new Player();
