/** The hours of the window, asked for once per window and parameter: scrubbing and playing ask nothing. */
import { get } from '../api/client';
import type { Frames, Strip, StripItem } from '../api/map';
import { Resource } from '../state/resource.svelte';
import { HOUR_MS } from './hour';
import { live } from '../state/live.svelte';

/** What a place showed in an hour. */
export interface Cell {
  value: number | null;
  level: number | null;
}

const NOTHING: Cell = { value: null, level: null };
/** How far back *now* may reach for the newest hour of a place. */
const REACH_HOURS = 3;

class Hours {
  readonly frames = new Resource<Frames>();
  readonly strip = new Resource<Strip>();
  readonly #row = $derived(new Map((this.frames.data?.places ?? []).map((key, i) => [key, i])));
  readonly #begin = $derived(Date.parse(this.frames.data?.start ?? ''));
  readonly #items = $derived(
    new Map((this.strip.data?.items ?? []).map((item) => [Date.parse(item.start), item])),
  );
  #asked = '';

  /** Loads the window for a parameter unless it is there already. */
  load(parameter: string | null, from: number, to: number): void {
    const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const asked = `${parameter ?? ''} ${range.from} ${range.to}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    void this.strip.load((signal) => get('/map/strip', range, { signal }));
    if (parameter) {
      void this.frames.load((signal) => get('/map/frames', { parameter, ...range }, { signal }));
    }
  }

  /** The same window again, in the background: a new hour was judged, or the stream came back. */
  follow(): () => void {
    const again = () => {
      void this.strip.again();
      void this.frames.again();
    };
    const stops = [live.on('index', again), live.on('hello', again)];
    return () => {
      for (const stop of stops) stop();
      this.#asked = '';
    };
  }

  /** What a place showed in an hour; null for now: its newest hour of the last three. */
  cell(place: string, hour: number | null): Cell {
    const row = this.#row.get(place);
    const frames = this.frames.data;
    if (row === undefined || !frames) return NOTHING;
    if (hour !== null) return this.#read(frames, row, Math.round((hour - this.#begin) / HOUR_MS));
    for (let back = 0; back < REACH_HOURS; back += 1) {
      const cell = this.#read(frames, row, frames.count - 1 - back);
      if (cell.value !== null) return cell;
    }
    return NOTHING;
  }

  has(place: string): boolean {
    return this.#row.has(place);
  }

  /** The district in an hour. */
  district(hour: number): StripItem | null {
    return this.#items.get(hour) ?? null;
  }

  /** The newest hour that the district was judged in, or the last that there is. */
  readonly lastJudged = $derived(
    this.strip.data?.items.findLast(({ aqi }) => aqi !== null) ?? this.strip.data?.items.at(-1) ?? null,
  );

  #read(frames: Frames, row: number, i: number): Cell {
    if (i < 0 || i >= frames.count) return NOTHING;
    const level = Number(frames.levels[row]?.[i] ?? 0);
    return { value: frames.values[row]?.[i] ?? null, level: level > 0 ? level : null };
  }
}

export const hours = new Hours();
