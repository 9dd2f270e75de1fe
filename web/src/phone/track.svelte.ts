/** A patrol that is going on: its time and its way, on this phone only until it is ended. Survives a restart. */
import { keepAnswer, keptAnswer } from '../offline/outbox';
import { isPossible, length_m, type Point } from './way';

interface Going {
  id: string;
  line: string;
  kind: string;
  started: number;
  /** Spans in which the patrol rested, ms since 1970; the last may have no end yet. */
  rests: [number, number | null][];
  track: Point[];
  problems: number;
}

const KEY = 'patrol/going';
/** A point is kept at most this often, and only after this way: days of track stay small. */
const EVERY_MS = 5_000;
const STEP_M = 5;

class Patrolling {
  going = $state.raw<Going | null>(null);
  signal = $state(true);
  now = $state(Date.now());
  readonly paused = $derived(this.going?.rests.at(-1)?.[1] === null);
  readonly length = $derived(this.going ? length_m(this.going.track) : 0);
  readonly seconds = $derived(this.going ? spent(this.going, this.now) / 1000 : 0);
  #watch: number | null = null;
  #clock: ReturnType<typeof setInterval> | undefined;

  async restore(): Promise<void> {
    const kept = await keptAnswer<Going | null>(KEY);
    if (kept?.value && !this.going) {
      this.going = kept.value;
      if (!this.paused) this.#listen();
    }
  }

  start(line: string, kind: string): void {
    const id = crypto.randomUUID();
    this.#set({ id, line, kind, started: Date.now(), rests: [], track: [], problems: 0 });
    this.#listen();
  }

  pause(): void {
    if (!this.going || this.paused) return;
    this.#set({ ...this.going, rests: [...this.going.rests, [Date.now(), null]] });
    this.#unlisten();
  }

  resume(): void {
    if (!this.going || !this.paused) return;
    const rests = this.going.rests.map(([from, to]): [number, number] => [from, to ?? Date.now()]);
    this.#set({ ...this.going, rests });
    this.#listen();
  }

  found(): void {
    if (this.going) this.#set({ ...this.going, problems: this.going.problems + 1 });
  }

  /** Ends it; what was gone is handed over to be sent. */
  end(): (Going & { ended: number }) | null {
    if (!this.going) return null;
    this.resume();
    const done = { ...this.going, ended: Date.now() };
    this.#unlisten();
    this.#set(null);
    return done;
  }

  #set(going: Going | null): void {
    this.going = going;
    void keepAnswer(KEY, going);
  }

  #listen(): void {
    this.#unlisten();
    this.#clock = setInterval(() => (this.now = Date.now()), 1000);
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        this.signal = true;
        this.#take([Math.round(timestamp), coords.longitude, coords.latitude]);
      },
      () => (this.signal = false),
      { enableHighAccuracy: true },
    );
  }

  #unlisten(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
    clearInterval(this.#clock);
  }

  #take(point: Point): void {
    const { going } = this;
    if (!going) return;
    const last = going.track.at(-1);
    if (!isPossible(last, point)) return;
    if (last && (point[0] - last[0] < EVERY_MS || length_m([last, point]) < STEP_M)) return;
    this.#set({ ...going, track: [...going.track, point] });
  }
}

/** Milliseconds on the way, without rests. */
export function spent({ started, rests }: Pick<Going, 'started' | 'rests'>, now: number): number {
  const rested = rests.reduce((sum, [from, to]) => sum + ((to ?? now) - from), 0);
  return Math.max(0, now - started - rested);
}

export const patrolling = new Patrolling();
