/** What the page is about, as the address says it: a place, an area or the district, in a year. */
import type { Query } from '../api/client';
import { pageFor } from '../explain/outline';
import { router } from '../router.svelte';
import { live } from '../state/live.svelte';
import { show } from '../state/show.svelte';

export const SECTIONS = ['calendar', 'compare', 'rank', 'water', 'editions'] as const;
export type Section = (typeof SECTIONS)[number];

class Subject {
  readonly section: Section = $derived(SECTIONS.find((one) => one === router.param('section')) ?? 'calendar');
  readonly what: Query = $derived.by(() => {
    const [place, area] = [router.param('place'), router.param('area')];
    if (place) return { place };
    return area ? { area } : { district: 1 };
  });
  readonly today: string = $derived(show.day(live.now));
  readonly year: number = $derived.by(() => {
    const named = router.param('year') ?? '';
    return /^[12]\d{3}$/.test(named) ? Number(named) : Number(this.today.slice(0, 4));
  });
  readonly edition: string = $derived(router.param('edition') ?? 'auto');

  /** The address of the outline of a result. */
  explain(query: Query): string {
    return router.href('/explain', { ...this.what, ...query });
  }

  /** The same from an address of the API that an answer holds. */
  explainFrom(address: string | null): string | null {
    if (!address) return null;
    const { path, query } = pageFor(address);
    return router.href(path, query);
  }
}

export const subject = new Subject();
