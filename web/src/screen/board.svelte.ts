/** What the big screen knows beyond the state that all pages share; asked anew by itself for as long as it stands. */
import type { DoubtedRanking, IndicatorList, ProgrammeList } from '../api/account';
import { get } from '../api/client';
import * as format from '../format';
import { live } from '../state/live.svelte';
import { Resource } from '../state/resource.svelte';
import { world } from '../state/world.svelte';
import type { Comparison, Frames, Reaches, Strip } from './answers';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days over which stations are ranked. */
export const RANKED_DAYS = 30;

export class Board {
  readonly strip = new Resource<Strip>();
  readonly frames = new Resource<Frames>();
  readonly reaches = new Resource<Reaches>();
  readonly comparison = new Resource<Comparison>();
  readonly indicators = new Resource<IndicatorList>();
  readonly programmes = new Resource<ProgrammeList>();
  readonly ranks = new Resource<DoubtedRanking>();
  /** Against what the comparison stands: the year before, or the day before where there is no such year. */
  against = $state<'last_year' | 'yesterday'>('last_year');

  load(): void {
    const span = this.#span();
    void this.strip.load((signal) => get('/map/strip', span, { signal }));
    void this.frames.load((signal) => get('/map/frames', { parameter: 'aqi', ...span }, { signal }));
    void this.reaches.load((signal) => get('/map/lines', {}, { signal }));
    void this.comparison.load((signal) => this.#compare(signal));
    void this.indicators.load((signal) => get('/indicators', { adopted: 'true' }, { signal }));
    void this.programmes.load((signal) => get('/programmes', {}, { signal }));
    void this.ranks.load((signal) => get('/assess/rank/doubt', this.#ranked(), { signal }));
  }

  /** The account moves by the day, and costs more than the rest: asked anew more seldom. */
  refreshAccount(): void {
    const quiet = (signal: AbortSignal) => ({ signal, quiet: true });
    void this.indicators.refresh((signal) => get('/indicators', { adopted: 'true' }, quiet(signal)));
    void this.programmes.refresh((signal) => get('/programmes', {}, quiet(signal)));
    void this.ranks.refresh((signal) => get('/assess/rank/doubt', this.#ranked(), quiet(signal)));
  }

  refresh(): void {
    const span = this.#span();
    const quiet = (signal: AbortSignal) => ({ signal, quiet: true });
    void this.strip.refresh((signal) => get('/map/strip', span, quiet(signal)));
    void this.frames.refresh((signal) => get('/map/frames', { parameter: 'aqi', ...span }, quiet(signal)));
    void this.reaches.refresh((signal) => get('/map/lines', {}, quiet(signal)));
    void this.comparison.refresh((signal) => this.#compare(signal));
  }

  #ranked(): { from: string; to: string; parameter: string } {
    const day = (back: number) => format.day(live.now - back * DAY_MS, world.zone);
    return { from: day(RANKED_DAYS), to: day(1), parameter: 'pm25' };
  }

  #span(): { from: string; to: string } {
    const end = Math.floor(live.now / HOUR_MS) * HOUR_MS;
    return { from: new Date(end - DAY_MS).toISOString(), to: new Date(end).toISOString() };
  }

  /** The month so far against the year before; without any value there, yesterday against the day before. */
  async #compare(signal: AbortSignal): Promise<Comparison> {
    const day = (back: number) => format.day(live.now - back * DAY_MS, world.zone);
    const yesterday = day(1);
    const ask = (from: string, to: string, against: string) =>
      get<Comparison>('/assess/compare', { district: '1', from, to, against }, { signal, quiet: true });
    const year = await ask(`${yesterday.slice(0, 7)}-01`, yesterday, 'last_year');
    if (year.rows.some(({ last }) => last.value !== null)) {
      this.against = 'last_year';
      return year;
    }
    const days = await ask(yesterday, yesterday, `${day(2)}..${day(2)}`);
    this.against = 'yesterday';
    return days;
  }
}
