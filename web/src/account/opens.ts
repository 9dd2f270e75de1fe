/** The page on which a number of the account opens, or the answer of the server where no page shows it. */
import { pageFor } from '../explain/outline';
import { router } from '../router.svelte';

export function opens(explain: string): string {
  if (explain.startsWith('/api/v1/assess/explain')) {
    const { path, query } = pageFor(explain);
    return router.href(path, query);
  }
  const programme = /^\/api\/v1\/programmes\/([^/?]+)/.exec(explain)?.[1];
  if (programme !== undefined) return router.href(`/programmes/${programme}`);
  if (explain.startsWith('/api/v1/rivers')) return router.href('/rivers');
  return explain.startsWith('/api/v1/cases') ? router.href('/cases') : explain;
}
