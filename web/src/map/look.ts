/** How the map looks: colours of the theme, classes, language, layers that are on; and what all layers share. */
import type { ExpressionSpecification, SymbolLayerSpecification } from 'maplibre-gl';
import type { Lang } from '../format';
import type { Layer } from './address';

export interface Palette {
  ground: string;
  area: string;
  water: string;
  road: string;
  casing: string;
  ink: string;
  muted: string;
  line: string;
  accent: string;
  outline: string;
  /** Colour and ink of classes 1 to 6 of the air. */
  classes: { colour: string; ink: string }[];
  /** Colour, ink and numeral of classes Ⅰ to worse than Ⅴ of the water. */
  waters: { colour: string; ink: string; numeral: string }[];
}

export interface Look {
  palette: Palette;
  lang: Lang;
  on: Record<Layer, boolean>;
  /** Whether points come from the server's tiles. */
  tiles: boolean;
}

export const LEVEL: ExpressionSpecification = ['coalesce', ['feature-state', 'level'], 0];

export function shown(on: boolean): { visibility: 'visible' | 'none' } {
  return { visibility: on ? 'visible' : 'none' };
}

export function halo({ palette }: Look): SymbolLayerSpecification['paint'] {
  return { 'text-color': palette.muted, 'text-halo-color': palette.ground, 'text-halo-width': 2 };
}

/** One colour per class, and another for those without. */
export function byClass(
  palette: Palette,
  what: 'colour' | 'ink',
  otherwise: string,
  of: 'classes' | 'waters' = 'classes',
  level: ExpressionSpecification = LEVEL,
): ExpressionSpecification {
  const arms = palette[of].flatMap((one, i) => [i + 1, one[what]]);
  return ['match', level, ...arms, otherwise] as unknown as ExpressionSpecification;
}
