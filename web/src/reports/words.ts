/** Words of the page of reports; part of the one table in `src/words.ts`. */
export const reports = {
  'nav.reports': { zh: '报告', en: 'Reports' },
  'keys.go_reports': { zh: '前往报告', en: 'Go to the reports' },
  'reports.kind': { zh: '种类', en: 'Kind' },
  'reports.from': { zh: '起', en: 'From' },
  'reports.to': { zh: '止', en: 'To' },
  'reports.unit': { zh: '单位键', en: 'Key of the unit' },
  'reports.last': { zh: '最近一期', en: 'Last period' },
  'reports.before': { zh: '上一期', en: 'Period before' },
  'reports.after': { zh: '下一期', en: 'Period after' },
  'reports.print': { zh: '打印', en: 'Print' },
  'reports.download': { zh: '下载', en: 'Download' },
  'reports.kept': { zh: '已编制', en: 'Kept' },
  'reports.kept_none': {
    zh: '没有自动编制的报告；由配置项 reports.kinds 开启。',
    en: 'No report was made by itself; reports.kinds in the configuration switches it on.',
  },
  'reports.unit_needed': { zh: '请填写单位键。', en: 'Write the key of a unit.' },
} as const;
