/** What a screen reader is told without asking: at most one message in ten seconds, the newest wins. */

const PAUSE_MS = 10_000;

class Announcer {
  spoken = $state('');
  #waiting: string | null = null;
  #resting = false;

  say(text: string): void {
    this.#waiting = text;
    if (!this.#resting) this.#speak();
  }

  #speak(): void {
    if (this.#waiting === null) {
      this.#resting = false;
      return;
    }
    this.spoken = this.#waiting;
    this.#waiting = null;
    this.#resting = true;
    setTimeout(() => {
      this.#speak();
    }, PAUSE_MS);
  }
}

export const announcer = new Announcer();
