/** What a phone must know without a network: places, lines, categories, tasks. Kept when it comes, found again later. */
import { ApiError, get } from '../api/client';
import { keepAnswer, keptAnswer } from '../offline/outbox';
import { world } from '../state/world.svelte';

export interface Known<T> {
  value: T;
  /** When the server said it, by this machine's clock; null: just now. */
  at: number | null;
}

/** Asks the server; without a network the last answer, if there is one. */
export async function known<T>(path: string): Promise<Known<T>> {
  try {
    const value = await get<T>(path);
    await keepAnswer(path, value);
    return { value, at: null };
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 0) throw cause;
    const kept = await keptAnswer<T>(path);
    if (!kept) throw cause;
    return kept;
  }
}

/** Gives the page the district it knew, where it could not load it, and keeps the one it has. */
export async function keepWorld(): Promise<void> {
  for (const [path, one] of [
    ['/places', world.places],
    ['/district', world.district],
  ] as const) {
    if (one.data) await keepAnswer(path, one.data);
    else {
      const kept = await keptAnswer(path);
      if (kept && !one.data) one.data = kept.value as never;
    }
  }
}
