import { waterClass, waterColour, waterInk, waterNumeral } from '../parts/water';
import { LEVELS, classColour, inkOn } from '../state/classes.svelte';
import { settings } from '../state/settings.svelte';
import type { Palette } from './look';

/** The tokens of the theme now on the page, and the classes of the edition in force. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    ground: token('--map-ground'),
    area: token('--map-area'),
    water: token('--map-water'),
    road: token('--map-road'),
    casing: token('--map-casing'),
    ink: token('--ink'),
    muted: token('--muted'),
    line: token('--line'),
    accent: token('--accent'),
    outline: token('--outline'),
    classes: LEVELS.map((level) => ({ colour: classColour(level), ink: inkOn(level) })),
    waters: LEVELS.map((level) => {
      const of = waterClass(level) ?? 'worse';
      return {
        colour: waterColour(of, settings.colours),
        ink: waterInk(of),
        numeral: waterNumeral(of, settings.lang),
      };
    }),
  };
}
