/** What the page asks, as the address says it. */
import { address, type Query } from '../api/client';
import { router } from '../router.svelte';
import { live } from '../state/live.svelte';
import { settings } from '../state/settings.svelte';
import { show } from '../state/show.svelte';
import { quoted, yearBefore } from './asking';

export const KINDS = [
  'wind-rose',
  'pollution-rose',
  'polar',
  'annulus',
  'cpf',
  'cbpf',
  'variation',
  'calendar',
  'trend',
  'scatter',
  'correlation',
  'capture',
  'forecast',
  'effect',
] as const;
export type Kind = (typeof KINDS)[number];

export const AROUND = ['hour', 'weekday', 'month'] as const;

/** The most places of one plot; the server refuses more. */
export const PLACES_MAX = 40;

class Question {
  readonly kind: Kind = $derived(KINDS.find((one) => one === router.param('plot')) ?? 'variation');
  readonly places: string[] = $derived((router.param('places') ?? '').split(',').filter((key) => key !== ''));
  readonly parameter: string = $derived(router.param('parameter') ?? 'pm25');
  readonly other: string = $derived(router.param('other') ?? 'o3');
  readonly today: string = $derived(show.day(live.now));
  readonly from: string = $derived(router.param('from') ?? yearBefore(this.today));
  readonly to: string = $derived(router.param('to') ?? this.today);
  readonly since: string = $derived(router.param('since') ?? '');
  readonly until: string = $derived(router.param('until') ?? '');
  readonly percentile: string = $derived(router.param('percentile') ?? '90');
  readonly around: string = $derived(router.param('around') ?? 'hour');
  readonly hasDays: boolean = $derived(this.kind !== 'forecast');
  /** Whether the address names all that the plot needs. */
  readonly isWhole: boolean = $derived(
    this.places.length > 0 && (this.kind !== 'effect' || (this.since !== '' && this.until !== '')),
  );

  /** Route and query, but for the format. */
  readonly route: { path: string; query: Query } = $derived.by(() => {
    const common: Query = { parameter: this.parameter, lang: settings.lang };
    const days: Query = { from: this.from, to: this.to };
    const places = this.places.join(',');
    if (this.kind === 'forecast') return { path: '/forecast', query: { place: places, ...common } };
    if (this.kind === 'effect') {
      const measure = { since: this.since, until: this.until };
      return { path: '/effect', query: { places, ...common, ...days, ...measure } };
    }
    const query: Query = { places, ...common, ...days };
    if (this.kind === 'scatter') query.other = this.other;
    if (this.kind === 'cpf' || this.kind === 'cbpf') query.percentile = this.percentile;
    if (this.kind === 'annulus') query.around = this.around;
    return { path: `/plots/${this.kind}`, query };
  });

  /** Where the picture or the table lies. */
  file(format: 'svg' | 'csv'): string {
    return address(this.route.path, { ...this.route.query, format });
  }

  /** The command that writes the same from the data directory of a stopped server. */
  readonly command: string = $derived.by(() => {
    const { query } = this.route;
    const verb = this.kind === 'forecast' || this.kind === 'effect' ? this.kind : `plot ${this.kind}`;
    const flags = Object.entries(query)
      .filter(([key, value]) => key !== 'places' && key !== 'place' && value)
      .map(([key, value]) => `--${key} ${quoted(String(value))}`);
    const places = this.places.map((key) => `--place ${quoted(key)}`);
    const mean = this.kind === 'forecast' && this.places.length > 1 ? ['--mean'] : [];
    return [`skyriver ${verb} --dir DIR`, ...places, ...mean, ...flags, `--svg ${this.kind}.svg`].join(' ');
  });
}

export const question = new Question();
