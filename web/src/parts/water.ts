/**
 * Classes of water: numeral, colour, ink. The words of the colours are the assessment method's (2011), the
 * values are ours; the colour-safe ones are the air's first five. Which class a water is in, the server says.
 */
export type WaterClass = 'I' | 'II' | 'III' | 'IV' | 'V' | 'worse';

export const WATER_CLASSES: readonly WaterClass[] = ['I', 'II', 'III', 'IV', 'V', 'worse'];

const NUMERALS: Record<WaterClass, string> = {
  I: 'Ⅰ',
  II: 'Ⅱ',
  III: 'Ⅲ',
  IV: 'Ⅳ',
  V: 'Ⅴ',
  worse: '劣Ⅴ',
};

const OFFICIAL: Record<WaterClass, string> = {
  I: '#00A0E0',
  II: '#00A0E0',
  III: '#3CB44B',
  IV: '#FFD500',
  V: '#FF8C00',
  worse: '#E02020',
};

const SAFE: Record<WaterClass, string> = {
  I: '#56B4E9',
  II: '#56B4E9',
  III: '#F0E442',
  IV: '#E69F00',
  V: '#D55E00',
  worse: '#8A1E66',
};

/** The numeral that always stands with the colour; in English the worst is `>Ⅴ`. */
export function waterNumeral(of: WaterClass, lang: 'zh' | 'en'): string {
  return of === 'worse' && lang === 'en' ? '>Ⅴ' : NUMERALS[of];
}

export function waterColour(of: WaterClass, colours: 'official' | 'safe'): string {
  return colours === 'safe' ? SAFE[of] : OFFICIAL[of];
}

/** Black, and white on the last: 4.5:1 or better. */
export function waterInk(of: WaterClass): string {
  return of === 'worse' ? '#FFFFFF' : '#000000';
}

/** The class of a level 1 to 6 or of a name; null when it is none. */
export function waterClass(value: string | number | null): WaterClass | null {
  const found = typeof value === 'number' ? WATER_CLASSES[value - 1] : value;
  return WATER_CLASSES.find((one) => one === found) ?? null;
}
