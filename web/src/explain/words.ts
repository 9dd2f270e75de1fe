/** Words of the outline of a result; part of the one table in `src/words.ts`. */
export const explain = {
  'explain.title': { zh: '结果的由来', en: 'How a result came about' },
  'explain.all': { zh: '全部展开', en: 'Open all' },
  'explain.none': { zh: '全部收起', en: 'Close all' },
  'explain.copy': { zh: '复制链接', en: 'Copy link' },
  'explain.text': { zh: '复制为文字', en: 'Copy as text' },
  'explain.copied': { zh: '已复制', en: 'Copied' },
  'explain.print': { zh: '打印', en: 'Print' },
  'explain.rounded': { zh: '{from} → {to}', en: '{from} → {to}' },
  'explain.valid': { zh: '有效 {have} / {of}', en: '{have} of {of} valid' },
  'explain.confidence': { zh: '把握 {grade}', en: 'confidence {grade}' },
  'explain.doubtful': { zh: '存疑', en: 'in doubt' },
  'explain.has_doubt': {
    zh: '有 {count} 步存疑，下面已标出并说明理由。',
    en: '{count} steps are in doubt; they are marked below, with the reason.',
  },
  'explain.readings': { zh: '读数 {count} 个，{from} 至 {to}', en: '{count} readings, {from} to {to}' },
  'explain.station': { zh: '在站点页看这段时间', en: 'This time on the page of the station' },
  'explain.frame': { zh: '每个数值打开它的原始报文', en: 'Each value opens its raw frame' },
  'explain.more': { zh: '另有 {count} 项没有列出', en: '{count} more are not listed' },
  'explain.missing': { zh: '没有结果', en: 'no result' },
  'explain.asked': { zh: '所问：', en: 'Asked for:' },
  'explain.nothing': {
    zh: '地址里没有说要解释什么。请从评价页或站点页点一个数字。',
    en: 'The address does not say what to explain. Click a number on the assessment or a station page.',
  },
} as const satisfies Record<string, { zh: string; en: string }>;
