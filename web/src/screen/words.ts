/** Words of this room; they are part of the one table in `src/words.ts`. */
export const screenWords = {} as const satisfies Record<string, { zh: string; en: string }>;
