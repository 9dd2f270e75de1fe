/** Words of the station page; part of the one table in `src/words.ts`. */
export const station = {
  'series.choose': { zh: '参数（最多 {most} 个）', en: 'Parameters (up to {most})' },
  'series.move': { zh: '移动与缩放', en: 'Move and zoom' },
  'series.earlier': { zh: '向前移动', en: 'Earlier' },
  'series.later': { zh: '向后移动', en: 'Later' },
  'series.zoom_in': { zh: '放大时间', en: 'Zoom in' },
  'series.zoom_out': { zh: '缩小时间', en: 'Zoom out' },
  'series.reset': { zh: '复原', en: 'Reset' },
  'series.hint': {
    zh: '拖动平移；点一下图后滚轮缩放，或按住 Ctrl 滚动。键盘：← → 逐点，Shift+← → 平移，+ − 缩放，0 复原。',
    en: 'Drag to pan. Click a chart, then the wheel zooms; or hold Ctrl. Keys: ← → point by point, Shift+← → pan, + − zoom, 0 reset.',
  },
  'series.long': {
    zh: '{count} 行，以二进制列传输；断开处为缺测，缩短到 {days} 天以内可看原因。',
    en: '{count} rows as binary columns; a break is a gap, shorten to {days} days or less to see why.',
  },
  'series.outside': {
    zh: '这段时间没有读数。此数据流有 {from} 至 {to} 的读数。',
    en: 'No readings in this time. This datastream has readings from {from} to {to}.',
  },
  'series.go': { zh: '跳到有数据的时间', en: 'Go to where there are readings' },
  'series.o3_8h': {
    zh: '日最大 8 小时平均（评价所用的值）',
    en: 'daily maximum of 8-hour means (the value that is assessed)',
  },
  'limit.eight': { zh: '8 小时', en: '8 h' },
  'span.1y': { zh: '1 年', en: '1 y' },
} as const satisfies Record<string, { zh: string; en: string }>;
