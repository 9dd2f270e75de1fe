/**
 * Colours of the classes of the air index. The official ones are data of the edition in force; the
 * colour-safe ones are ours, chosen to be told apart in every kind of sight. Which class a thing is in
 * always comes from the server.
 */
import { settings } from './settings.svelte';
import { world } from './world.svelte';

const SAFE: Record<number, string> = {
  1: '#56B4E9',
  2: '#F0E442',
  3: '#E69F00',
  4: '#D55E00',
  5: '#8A1E66',
  6: '#2E0A2E',
};

export const LEVELS: readonly number[] = [1, 2, 3, 4, 5, 6];

/** The colour of a class, or transparent before the edition has arrived. */
export function classColour(level: number): string {
  const colour = settings.colours === 'safe' ? SAFE[level] : world.category(level)?.colour;
  return colour ?? 'transparent';
}

/** Ink that reads at 5.3:1 or better on either set: black on classes 1 to 4, white on 5 and 6. */
export function inkOn(level: number): string {
  return level <= 4 ? '#000000' : '#FFFFFF';
}

/** A ramp in the reader's colours: where the server's colours are those of classes, their colour-safe ones. */
export function rampOf(ramp: readonly [number, string][]): [number, string][] {
  const levels = new Map(LEVELS.map((level) => [world.category(level)?.colour.toUpperCase(), level]));
  return ramp.map(([from, colour]) => {
    const level = levels.get(colour.toUpperCase());
    return [from, level === undefined ? colour : classColour(level)];
  });
}
