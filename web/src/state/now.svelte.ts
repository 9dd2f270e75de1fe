/** What is the case now: index of each place, newest readings, today's ledger; kept so by the stream. */
import { get } from '../api/client';
import type { IndexNow, IndexNowItem, Latest, LatestItem, Ledger } from '../api/contract';
import * as format from '../format';
import { live } from './live.svelte';
import { Resource } from './resource.svelte';
import { world } from './world.svelte';

/** For the whole district, or for one place (then without the ledger). */
export class Now {
  readonly #place: string | null;
  readonly index = new Resource<IndexNow>();
  readonly latest = new Resource<Latest>();
  readonly ledger = new Resource<Ledger>();

  readonly judged = $derived(new Map((this.index.data?.items ?? []).map((item) => [item.place, item])));
  readonly readings = $derived(byPlace(this.latest.data?.items ?? []));

  constructor(place: string | null = null) {
    this.#place = place;
  }

  /** Loads everything and follows the stream until the returned function is called. */
  start(): () => void {
    void this.index.load((signal) => get('/index/now', {}, { signal }));
    void this.latest.load((signal) => get('/latest', { place: this.#place }, { signal }));
    if (!this.#place) void this.ledger.load((signal) => get('/ledger', { day: today() }, { signal }));
    const stops = [
      live.on('hello', () => {
        this.#refresh();
      }),
      live.on('index', ({ items }) => {
        this.#judge(items);
        // The district's own index and its last day are not in the event.
        this.#refreshIndex();
      }),
      live.on('latest', ({ sequence, items }) => {
        this.#read(sequence, items);
      }),
      live.on('ledger', (event) => {
        if (this.ledger.data) this.ledger.data = { ...this.ledger.data, ...event };
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #refresh(): void {
    this.#refreshIndex();
    void this.latest.refresh((signal) => get('/latest', { place: this.#place }, { signal, quiet: true }));
    if (this.#place) return;
    void this.ledger.refresh((signal) => get('/ledger', { day: today() }, { signal, quiet: true }));
  }

  #refreshIndex(): void {
    void this.index.refresh((signal) => get('/index/now', {}, { signal, quiet: true }));
  }

  #judge(items: IndexNowItem[]): void {
    if (!this.index.data) return;
    const merged = new Map([...this.judged, ...items.map((item) => [item.place, item] as const)]);
    this.index.data = { ...this.index.data, items: [...merged.values()] };
  }

  #read(sequence: number, items: LatestItem[]): void {
    if (!this.latest.data) return;
    const key = (item: LatestItem) => `${item.place} ${item.parameter}`;
    const merged = new Map(this.latest.data.items.map((item) => [key(item), item]));
    for (const item of items) {
      if (!this.#place || item.place === this.#place) merged.set(key(item), item);
    }
    this.latest.data = { sequence, items: [...merged.values()] };
  }
}

function today(): string {
  return format.day(live.now, world.zone);
}

function byPlace(items: LatestItem[]): Map<string, LatestItem[]> {
  const found = new Map<string, LatestItem[]>();
  for (const item of items) {
    const list = found.get(item.place);
    if (list) list.push(item);
    else found.set(item.place, [item]);
  }
  return found;
}

export const now = new Now();
