/** Words of findings and rules; part of the one table in `src/words.ts`. */
export const findingWords = {
  'nav.findings': { zh: '发现', en: 'Findings' },
  'keys.go_findings': { zh: '前往发现', en: 'Go to findings' },
} as const satisfies Record<string, { zh: string; en: string }>;
