/**
 * Sends what waits, one after the other, oldest first. One tab does it at a time; an entry that was on its way
 * when the phone went off is sent again under the same id, and the server answers as it did the first time.
 */
import { ApiError } from '../api/client';
import { send } from '../api/send';
import { session } from '../state/session.svelte';
import { drop, entries, put, type Entry } from './outbox';

/** The pause before the next try, while the server does not answer. */
const PAUSE_MS = [2_000, 5_000, 15_000, 60_000];
/** Receipts stay in the list this long, so that their author sees them. */
const KEPT_MS = 24 * 3_600_000;

class Sync {
  list = $state.raw<Entry[]>([]);
  online = $state(navigator.onLine);
  running = $state(false);
  /** The server wants somebody to sign in before it takes what waits. */
  locked = $state(false);
  readonly waiting = $derived(this.list.filter(({ state }) => state === 'queued' || state === 'sending'));
  readonly refused = $derived(this.list.filter(({ state }) => state === 'refused'));

  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  readonly #kept = new Set<(entry: Entry) => void>();

  /** Listens for the network; called once. */
  async start(): Promise<void> {
    addEventListener('online', () => {
      this.online = true;
      void this.run();
    });
    addEventListener('offline', () => (this.online = false));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.run();
    });
    await this.look();
    void this.run();
  }

  /** Calls `listener` with each entry that the server took. */
  onkept(listener: (entry: Entry) => void): () => void {
    this.#kept.add(listener);
    return () => this.#kept.delete(listener);
  }

  /** Keeps an entry and begins to send; resolves when it is on this phone's disk. */
  async add(entry: Pick<Entry, 'label' | 'path' | 'body'> & Partial<Pick<Entry, 'photos'>>): Promise<string> {
    const id = crypto.randomUUID();
    await put({ photos: [], ...entry, id, made: Date.now(), state: 'queued', tries: 0 });
    await this.look();
    void this.run();
    return id;
  }

  /** Tries a refused entry again, as its author wants. */
  async retry(id: string): Promise<void> {
    const entry = this.list.find((one) => one.id === id);
    if (!entry) return;
    const again: Entry = { ...entry, state: 'queued' };
    delete again.problem;
    await put(again);
    await this.look();
    void this.run();
  }

  /** Gives an entry up. */
  async forget(id: string): Promise<void> {
    await drop(id);
    await this.look();
  }

  /** Sends what waits, unless another tab does. */
  async run(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.waiting.length === 0) return;
    await navigator.locks.request('skyriver.outbox', { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      this.running = true;
      try {
        await this.#sendAll();
      } finally {
        this.running = false;
      }
    });
    await this.look();
    if (this.waiting.length > 0 && !this.locked) this.#later();
  }

  async look(): Promise<void> {
    const all = await entries();
    const old = all.filter(({ state, made }) => state === 'kept' && Date.now() - made > KEPT_MS);
    for (const { id } of old) await drop(id);
    this.list = all.filter((entry) => !old.includes(entry));
  }

  #later(): void {
    const pause = PAUSE_MS[Math.min(this.#failures, PAUSE_MS.length - 1)] ?? 60_000;
    this.#timer = setTimeout(() => void this.run(), pause);
  }

  async #sendAll(): Promise<void> {
    await session.load();
    if (session.answer.error) {
      this.#failures += 1;
      return;
    }
    this.locked = session.name === null;
    if (this.locked) return;
    for (const entry of await entries()) {
      if (entry.state !== 'queued' && entry.state !== 'sending') continue;
      const goesOn = await this.#sendOne(entry);
      await this.look();
      if (!goesOn) return;
    }
  }

  /** Says whether the next one may be tried. */
  async #sendOne(entry: Entry): Promise<boolean> {
    const sending: Entry = { ...entry, state: 'sending', tries: entry.tries + 1 };
    await put(sending);
    try {
      const photos = [];
      for (const photo of sending.photos) {
        photo.hash ??= (
          await send<{ hash: string }>('POST', '/photos', { body: photo.blob, headers: session.headers() })
        ).hash;
        await put(sending);
        photos.push({ hash: photo.hash, when: photo.when });
      }
      const body = { ...sending.body, id: sending.id, photos };
      const receipt = await send('POST', sending.path, { body, headers: session.headers() });
      const kept: Entry = { ...sending, state: 'kept', receipt };
      await put(kept);
      this.#failures = 0;
      for (const listener of this.#kept) listener(kept);
      return true;
    } catch (cause) {
      return this.#failed(sending, cause);
    }
  }

  async #failed(entry: Entry, cause: unknown): Promise<boolean> {
    const isNo = cause instanceof ApiError && isFinal(cause);
    if (isNo) {
      const problem = { code: cause.code, message: cause.text, hint: cause.hint };
      await put({ ...entry, state: 'refused', problem });
      return true;
    }
    this.#failures += 1;
    this.locked = cause instanceof ApiError && cause.status === 401;
    await put({ ...entry, state: 'queued' });
    return false;
  }
}

/** Whether the same entry would be refused again: no lost network, no sign-in that ended, no server in trouble. */
function isFinal({ status }: ApiError): boolean {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}

export const sync = new Sync();
