/**
 * The past moment as of which the page shows everything, `as_of` in the address. Going to another moment loads
 * the page anew, so that nothing of one moment is shown beside another.
 */
import { asOf, get } from '../api/client';
import { live } from './live.svelte';
import { Resource } from './resource.svelte';

export interface KnownAt {
  sequence: number;
  at: string;
  newest: number;
}

class Known {
  /** As the address has it; null is now. */
  readonly asked = asOf();
  readonly moment = new Resource<KnownAt>();

  /** Finds out what the moment is, and stops the clock there. */
  async load(): Promise<void> {
    live.hold();
    await this.moment.load((signal) => get('/known', { as_of: this.asked }, { signal }));
    if (this.moment.data) live.standAt(this.moment.data.at);
  }

  /** Shows another moment; null is now. */
  go(as_of: string | null): void {
    const search = new URLSearchParams(location.search);
    if (as_of === null) search.delete('as_of');
    else search.set('as_of', as_of);
    location.search = search.toString();
  }
}

export const known = new Known();
