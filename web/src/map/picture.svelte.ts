/**
 * What the map shows: the parameter and the hour of the address, and with them each dot, the field, the classes
 * of reaches and the tracks. Now comes from the newest index; the past from the hours of the window.
 */
import { get } from '../api/client';
import type { Field, LineClasses, Tracks } from '../api/map';
import { router } from '../router.svelte';
import { live } from '../state/live.svelte';
import { moment } from '../state/moment.svelte';
import { now } from '../state/now.svelte';
import { show } from '../state/show.svelte';
import { world } from '../state/world.svelte';
import { hours, type Cell } from '../timeline/frames.svelte';
import { HOUR_MS, textOf } from '../timeline/hour';
import { player } from '../timeline/play.svelte';
import { layersIn, parameterIn, type Layer } from './address';
import { ByHour } from './byhour.svelte';
import type { Dot } from './scene';

/** A reading older than this leaves its dot hollow when it has no index either. */
const FRESH_MS = 2 * HOUR_MS;
const TRACK_MS = 2 * HOUR_MS;
/** How many hours are fetched ahead while playing. */
const AHEAD = 4;
/** Layers that say nothing about water. */
export const OF_AIR: readonly Layer[] = ['air_station', 'micro_station', 'dust_site', 'field'];
/** More places than this come as tiles. */
const MANY = 3000;

class Picture {
  readonly parameter = $derived(parameterIn(router.param('p')));
  /** Where water is looked at, what measures air stands aside. */
  readonly layers = $derived.by(() => {
    const layers = layersIn(router.param('layers'));
    if (this.parameter !== 'water') return layers;
    return { ...layers, ...Object.fromEntries(OF_AIR.map((name) => [name, false])) };
  });
  /** A field of the index does not exist; under it stands that of PM2.5. */
  readonly fieldOf = $derived(
    this.parameter === 'water' ? null : this.parameter === 'aqi' ? 'pm25' : this.parameter,
  );
  readonly fields = new ByHour<Field>();
  readonly lines = new ByHour<LineClasses>();
  readonly tracks = new ByHour<Tracks>();
  readonly isTiled = $derived((world.district.data?.place_count ?? 0) > MANY);

  /** Freshness is looked at once a minute, not each second. */
  readonly #minute = $derived(Math.floor(live.now / 60_000) * 60_000);
  readonly levels = $derived(new Map((this.lines.data?.items ?? []).map((item) => [item.line, item.level])));
  readonly #sites = $derived(new Map((this.lines.data?.items ?? []).map((item) => [item.site, item])));
  /** Until when tracks go: the hour looked at, or now. */
  readonly trackEnd = $derived(moment.at === null ? this.#minute : moment.at + HOUR_MS);
  readonly trackStart = $derived(this.trackEnd - TRACK_MS);

  /** Dots wait for the answers they are made of; when one cannot be had, the map shows its places without it. */
  readonly dots = $derived.by((): Map<string, Dot> | null => {
    const places = world.places.data?.places;
    if (!places) return null;
    const isThere = this.isNow
      ? now.index.data !== null || now.index.error !== null
      : hours.frames.data !== null || hours.frames.error !== null || this.parameter === 'water';
    return isThere ? new Map(places.map(({ key }) => [key, this.#dot(key)])) : null;
  });

  /** Whether dots are those of the newest index. */
  readonly isNow = $derived(moment.at === null && this.parameter === 'aqi');

  /** Value and class of a place in the hour looked at. */
  cell(key: string): Cell {
    if (this.isNow) {
      const item = now.judged.get(key);
      const value = item?.aqi ?? item?.partial?.aqi ?? null;
      return { value, level: item?.level ?? item?.partial?.level ?? null };
    }
    return this.parameter === 'water' ? { value: null, level: null } : hours.cell(key, moment.at);
  }

  /** The class of the water at a site, and what decides it. */
  water(key: string) {
    return this.#sites.get(key) ?? null;
  }

  /** Asks for what the hour and the layers need; called whenever one of them changes. */
  follow(): void {
    const at = moment.at;
    // The hour that runs has no values yet: now is the newest hour that was judged.
    const hour = at ?? Date.parse(hours.lastJudged?.start ?? '');
    if (this.layers.field && this.fieldOf && Number.isFinite(hour)) {
      this.#field(hour, (name, ask) => void this.fields.want(name, ask));
      if (player.playing) {
        for (let i = 1; i <= AHEAD; i += 1) {
          this.#field(hour + i * HOUR_MS, (name, ask) => void this.fields.ahead(name, ask));
        }
      }
    } else this.fields.clear();
    this.#lines(at, (name, ask) => void this.lines.want(name, ask));
    if (at !== null && player.playing)
      this.#lines(at + AHEAD * HOUR_MS, (name, ask) => void this.lines.ahead(name, ask));
    if (this.layers.tracks || this.layers.vehicle) {
      const span = { from: iso(this.trackStart), to: iso(this.trackEnd) };
      void this.tracks.want(span.to, (options) => get('/map/tracks', span, options));
    } else this.tracks.clear();
  }

  #field(hour: number, how: (name: string, ask: (options: object) => Promise<Field>) => void): void {
    const parameter = this.fieldOf;
    how(`${parameter ?? ''} ${textOf(hour)}`, (options) =>
      get('/map/field', { parameter, at: iso(hour) }, options),
    );
  }

  #lines(
    at: number | null,
    how: (name: string, ask: (options: object) => Promise<LineClasses>) => void,
  ): void {
    // Now is asked anew each hour, under the name of the hour.
    const name = at === null ? `now ${textOf(moment.newest)}` : textOf(at);
    how(name, (options) => get('/map/lines', at === null ? {} : { at: iso(at) }, options));
  }

  #dot(key: string): Dot {
    const site = this.#sites.get(key);
    if (site) return { level: site.level > 0 ? site.level : null, label: '', fresh: true };
    const { value, level } = this.cell(key);
    const decimals = world.parameter(this.parameter)?.decimals;
    const label = value === null ? '' : show.number(value, this.parameter === 'aqi' ? 0 : decimals);
    if (moment.at !== null) return { level, label, fresh: value !== null };
    const readings = now.readings.get(key) ?? [];
    const isFresh = readings.some(
      (one) => one.value !== null && this.#minute - Date.parse(one.time) < FRESH_MS,
    );
    return {
      level,
      label,
      fresh: isFresh,
      stale: !isFresh && readings.length > 0 && level === null,
      suspect: readings.some(({ quality }) => quality === 'suspect' || quality === 'fail'),
    };
  }
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

export const picture = new Picture();
