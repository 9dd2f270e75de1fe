/** Names of roles for people. */
import type { Word } from '../words';
import { vocabulary } from './vocabulary.svelte';
import type { Held } from './session.svelte';
import { say } from './show.svelte';

/** The roles that somebody holds, each once; a role that this page does not know keeps its stable name. */
export function roleNames(held: readonly Held[]): string {
  if (held.length === 0) return say('role.none');
  const names = held.map(({ role }) =>
    vocabulary.of(`role.${role}` as Word) ? say(`role.${role}` as Word) : role,
  );
  return [...new Set(names)].join(' · ');
}
