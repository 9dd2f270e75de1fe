/** Words of the public page; they belong to the one table in `src/words.ts`. */
export const publicWords = {
  'public.title': { zh: '空气质量', en: 'Air quality' },
  'public.advice': { zh: '建议', en: 'What to do' },
  'public.everybody': { zh: '一般人群', en: 'Everybody' },
  'public.sensitive': { zh: '敏感人群', en: 'Sensitive people' },
  'public.week': { zh: '过去七天', en: 'The last seven days' },
  'public.stations': { zh: '各站点（{count} 个）', en: 'Stations ({count})' },
  'public.print': { zh: '打印', en: 'Print' },
} as const satisfies Record<string, { zh: string; en: string }>;
