/** Words of the analysis page; part of the one table in `src/words.ts`. */
export const analysis = {
  'nav.analysis': { zh: '分析', en: 'Analysis' },
  'keys.go_analysis': { zh: '前往分析', en: 'Go to the analysis' },
  'analysis.what': { zh: '图', en: 'What to show' },
  'analysis.wind-rose': { zh: '风玫瑰', en: 'Wind rose' },
  'analysis.pollution-rose': { zh: '污染玫瑰', en: 'Pollution rose' },
  'analysis.polar': { zh: '极坐标图', en: 'Polar' },
  'analysis.annulus': { zh: '环图', en: 'Annulus' },
  'analysis.cpf': { zh: '条件概率', en: 'CPF' },
  'analysis.cbpf': { zh: '二元条件概率', en: 'CBPF' },
  'analysis.variation': { zh: '时间变化', en: 'Time variation' },
  'analysis.calendar': { zh: '日历', en: 'Calendar' },
  'analysis.trend': { zh: '趋势', en: 'Trend' },
  'analysis.scatter': { zh: '散点', en: 'Scatter' },
  'analysis.correlation': { zh: '相关', en: 'Correlation' },
  'analysis.capture': { zh: '有效率', en: 'Capture' },
  'analysis.forecast': { zh: '预报', en: 'Forecast' },
  'analysis.effect': { zh: '措施效果', en: 'Effect' },
  'analysis.places': { zh: '点位（{count}）', en: 'Places ({count})' },
  'analysis.parameter': { zh: '参数', en: 'Parameter' },
  'analysis.other': { zh: '第二参数', en: 'Against' },
  'analysis.from': { zh: '起始日', en: 'From' },
  'analysis.to': { zh: '截止日（含）', en: 'To, included' },
  'analysis.since': { zh: '措施首日', en: 'Measure from' },
  'analysis.until': { zh: '措施末日（含）', en: 'to, included' },
  'analysis.percentile': { zh: '百分位', en: 'Percentile' },
  'analysis.around': { zh: '由内向外', en: 'Outwards' },
  'around.hour': { zh: '时', en: 'hours' },
  'around.weekday': { zh: '星期', en: 'weekdays' },
  'around.month': { zh: '月', en: 'months' },
  'analysis.none': { zh: '请至少选择一个点位。', en: 'Choose at least one place.' },
  'analysis.dates': { zh: '请填写措施的首日与末日。', en: 'Give the first and the last day of the measure.' },
  'analysis.figure': { zh: '图', en: 'Figure' },
  'analysis.same': { zh: '生成同一图的命令', en: 'The command that writes the same picture' },
  'analysis.method': { zh: '方法', en: 'Method' },
} as const;

/** What each kind assumes, and when not to trust it: one sentence, the page of the documents has the rest. */
export const methods = {
  'method.wind-rose': {
    zh: '各风向的小时占比，按风速分级；静风另计。',
    en: 'Share of hours by direction, by speed; calms apart.',
  },
  'method.pollution-rose': {
    zh: '各风向的小时占比，按浓度分级。',
    en: 'Share of hours by direction, by concentration.',
  },
  'method.polar': {
    zh: '按风向与风速的均值及其平滑曲面；小时少的边缘不确定。',
    en: 'Means by direction and speed and a smooth surface; edges with few hours are uncertain.',
  },
  'method.annulus': {
    zh: '按风向与时刻的均值。',
    en: 'Means by direction and time.',
  },
  'method.cpf': {
    zh: '某风向的小时中高于全体百分位的比例，附 95 % 区间。',
    en: 'Of the hours from a direction the share above the percentile of all, with its 95 % interval.',
  },
  'method.cbpf': {
    zh: '按风向与风速的同一比例。',
    en: 'The same share by direction and speed.',
  },
  'method.variation': {
    zh: '均值与 95 % 区间，视各小时相互独立，实际区间更宽。',
    en: 'Means with 95 % intervals that take hours as independent: the true ones are wider.',
  },
  'method.calendar': { zh: '每日均值，不论有效小时数。', en: 'Daily means of whatever hours there are.' },
  'method.trend': {
    zh: '月均值的 Theil–Sen 斜率，分块自助区间；不足两年不去季节。',
    en: 'Theil–Sen slope of monthly means with an interval from blocks; below two years the season stays.',
  },
  'method.scatter': {
    zh: '逐时成对数值的密度与最小二乘直线。',
    en: 'Density of hourly pairs and a line by least squares.',
  },
  'method.correlation': {
    zh: '两点同时有值的小时的皮尔逊相关。',
    en: 'Pearson’s correlation over the hours that both measured.',
  },
  'method.capture': { zh: '逐月有值小时的占比。', en: 'Share of hours with a value, month by month.' },
  'method.forecast': {
    zh: '由持续性、气候态与学习模型中近期回报最好者给出；不含天气预报。虚线为外来预报。',
    en: 'By whichever of persistence, climatology and trees did best of late; no weather forecast goes in. Dashed: forecasts from outside.',
  },
  'analysis.record': { zh: '72 小时内的预报成绩', en: 'Record over 72 hours' },
  'analysis.by': { zh: '预报', en: 'Forecast' },
  'analysis.pairs': { zh: '对数', en: 'Pairs' },
  'analysis.skill': { zh: '相对持续性的技巧', en: 'Skill over persistence' },
  'analysis.within': { zh: '落入 90 % 区间', en: 'Within 90 % interval' },
  'analysis.outside': { zh: '外来', en: 'from outside' },
  'analysis.own_pairs': {
    zh: '技巧按平均绝对误差；各预报按各自的成对数值评分。',
    en: 'Skill by the mean absolute error; each is scored on its own pairs.',
  },
  'analysis.issued': { zh: '起报 {at}，收到 {came}。', en: 'issued {at}, came {came}.' },
  'analysis.runs_left_off': {
    zh: '评分只看最近 {count} 次起报，更早的略去。',
    en: 'Its record looks at the newest {count} runs; older ones are left off.',
  },
  'analysis.late': {
    zh: '评分中 {count} 对在其小时结束后才收到，只作参考。',
    en: '{count} pairs of its record came after their hour was over: known afterwards, they prove little.',
  },
  'analysis.reaches': { zh: '达到的预警级别：{level}。', en: 'Level of warning that it reaches: {level}.' },
  'analysis.no_level': { zh: '无', en: 'none' },
  'method.effect': {
    zh: '措施期间与同样天气下的预期之差，区间取自无事之日；需要半年以上的历史。',
    en: 'Against what the same weather would have brought, the interval from dates at which nothing happened; needs half a year of history.',
  },
} as const;
