import { words, type Word } from '../words';
import { say } from './show.svelte';

/** The words for a reason's stable name; a name that this page does not know is shown as it is. */
export function reasonText(name: string | null): string {
  if (name === null || name === '' || name === 'none') return '';
  const key = `reason.${name}`;
  return key in words ? say(key as Word) : name;
}
