/** Words of tracing; part of the one table in `src/words.ts`. */
export const trace = {
  'trace.title': { zh: '溯源', en: 'Where from' },
  'trace.open': { zh: '从哪里来？', en: 'Where does it come from?' },
  'trace.close': { zh: '返回', en: 'Back' },
  'trace.window': { zh: '时段', en: 'Window' },
  'trace.hours': { zh: '{count} 小时', en: '{count} h' },
  'trace.parameter': { zh: '参数', en: 'Parameter' },
  'trace.candidates': { zh: '可能来源', en: 'Candidates' },
  'trace.more': { zh: '其余 {count} 个合计 {percent} %', en: '{count} others together {percent} %' },
  'trace.wind': {
    zh: '风从 {from}° ± {sd}° 来，{speed} 米/秒（{stations}）',
    en: 'Wind from {from}° ± {sd}°, {speed} m/s ({stations})',
  },
  'trace.basis': {
    zh: '{places} 个点位 {values} 个数值，{from} 至 {to}',
    en: '{values} values of {places} places, {from} to {to}',
  },
  'trace.rate': { zh: '约 {middle} 克/秒（{low}–{high}）', en: 'some {middle} g/s ({low}–{high})' },
  'trace.pair': {
    zh: '两处同时排放的可能：{percent} %',
    en: 'Both at once: {percent} %',
  },
  'trace.doubts': { zh: '存疑', en: 'Doubts' },
  'trace.running': {
    zh: '正用风和各点读数逐一比较候选，通常需要几秒；同时只算一个，可能要排队',
    en: 'Candidates are compared with wind and readings: some seconds, one question at a time',
  },
  'trace.not_public': {
    zh: '谁有嫌疑不公开：登录并有“查看”权限后可见',
    en: 'Who is suspected is not public: it is seen by who is signed in and may look',
  },
  'trace.map': { zh: '可能来源的范围', en: 'Where it may come from' },
  'trace.basis_title': { zh: '依据、存疑与准确率', en: 'Basis, doubts and record' },
  'trace.settle': { zh: '如何判定', en: 'What would settle it' },
  'trace.regions': {
    zh: '地图：深色含 50 % 的可能，浅色含 90 %',
    en: 'Map: the dark ground holds 50 %, the light one 90 %',
  },
} as const;
