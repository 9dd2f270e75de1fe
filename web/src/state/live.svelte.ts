/**
 * The stream of what is new, and the clock that ages count by.
 *
 * When the stream is lost it is tried again after 1, 2, 4, 8, then 15 seconds; the strip under the top
 * bar counts down meanwhile. After each return, and only then, `hello` tells every page to fetch what it missed.
 */
import { address } from '../api/client';
import type { Events } from '../api/contract';

type Kind = keyof Events;
type Listener<K extends Kind> = (data: Events[K]) => void;

const WAITS_SECONDS = [1, 2, 4, 8, 15];
const KINDS: Kind[] = ['hello', 'latest', 'index', 'ledger', 'cases', 'finding', 'emergency'];

class Live {
  state = $state<'starting' | 'live' | 'lost' | 'held'>('starting');
  /** Milliseconds since 1970 by the server's clock, once a second. */
  now = $state(Date.now());
  /** When the last event came, by the server's clock. */
  heard = $state<number | null>(null);
  /** Whole seconds until the next try, while lost. */
  waitSeconds = $state(0);

  /** How far this machine's clock is off the server's, in milliseconds. */
  skew = $state(0);

  #offset = 0;
  #tries = 0;
  #source: EventSource | null = null;
  readonly #listeners: { [K in Kind]: Set<Listener<K>> } = {
    hello: new Set(),
    latest: new Set(),
    index: new Set(),
    ledger: new Set(),
    cases: new Set(),
    finding: new Set(),
    emergency: new Set(),
  };

  /** Opens the stream and starts the clock; called once. */
  start(): void {
    setInterval(() => {
      this.#tick();
    }, 1000);
    this.#open();
  }

  /** The page shows a past moment: the clock stands there, and nothing new is heard. */
  hold(): void {
    this.state = 'held';
  }

  /** Sets the clock that stands. */
  standAt(then: string): void {
    this.now = Date.parse(then);
  }

  /** Calls `listener` for each event of a kind until the returned function is called. */
  on<K extends Kind>(kind: K, listener: Listener<K>): () => void {
    this.#listeners[kind].add(listener);
    return () => this.#listeners[kind].delete(listener);
  }

  /** Tries again at once. */
  retry(): void {
    if (this.state === 'lost') this.#open();
  }

  /** Sets the clock by an instant that the server called *now*. */
  setClock(now: string): void {
    if (this.state === 'held') return;
    this.#offset = Date.parse(now) - Date.now();
    this.skew = Math.abs(this.#offset);
    this.now = Date.now() + this.#offset;
  }

  #tick(): void {
    this.now = Date.now() + this.#offset;
    if (this.state !== 'lost' || this.#source) return;
    this.waitSeconds -= 1;
    if (this.waitSeconds <= 0) this.#open();
  }

  #open(): void {
    this.#source?.close();
    const source = new EventSource(address('/events'));
    this.#source = source;
    for (const kind of KINDS) {
      source.addEventListener(kind, (event: MessageEvent<string>) => {
        this.#hear(kind, event.data);
      });
    }
    source.onerror = () => {
      this.#lose(source);
    };
  }

  #hear(kind: Kind, text: string): void {
    const data = JSON.parse(text) as Events[Kind];
    const isFirst = this.#tries === 0;
    if (kind === 'hello') this.setClock((data as Events['hello']).now);
    this.#tries = 0;
    this.state = 'live';
    this.heard = Date.now() + this.#offset;
    if (kind === 'hello' && isFirst) return;
    for (const listener of this.#listeners[kind] as Set<Listener<Kind>>) listener(data as never);
  }

  #lose(source: EventSource): void {
    source.close();
    if (this.#source !== source) return;
    this.#source = null;
    this.state = 'lost';
    this.waitSeconds = WAITS_SECONDS[Math.min(this.#tries, WAITS_SECONDS.length - 1)] ?? 15;
    this.#tries += 1;
  }
}

export const live = new Live();
