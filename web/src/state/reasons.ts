import type { Word } from '../words';
import { say } from './show.svelte';
import { vocabulary } from './vocabulary.svelte';

/** The words for a reason's stable name; a name that this page does not know is shown as it is. */
export function reasonText(name: string | null): string {
  if (name === null || name === '' || name === 'none') return '';
  const key = `reason.${name}` as Word;
  return vocabulary.of(key) ? say(key) : name;
}

/** Why a frame was not simply stored, by stable name. */
export const REASONS = [
  'bad_crc',
  'bad_length',
  'oversize',
  'bad_grammar',
  'unknown_command',
  'bad_time',
  'future_time',
  'ancient_time',
  'unknown_device',
  'wrong_password',
  'no_key',
  'rate_limit',
  'too_many_readings',
] as const;
