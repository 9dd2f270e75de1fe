import { base } from './words.base';
import { rest } from './words.rest';

/**
 * Every word that the page says, Chinese and English side by side. `{name}` stands for a value.
 * A test finds the empty cell, the unused key and the value that one language forgot. The page itself takes its words from
 * `state/vocabulary.svelte.ts`, which has those of the first script at once and the others a moment later.
 */
export const words = { ...base, ...rest } as const;

export type Word = keyof typeof words;
