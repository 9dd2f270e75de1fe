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

  'capture.title': { zh: '有效性日历', en: 'Capture calendar' },
  'capture.before': { zh: '上一个月', en: 'Month before' },
  'capture.after': { zh: '下一个月', en: 'Month after' },
  'capture.cell': { zh: '{day}：{have} / {of}', en: '{day}: {have} of {of}' },
  'capture.keys': {
    zh: '数字为当日收到的有效数；有框线：不足；阴影：一个也没有。点一格看当日读数。',
    en: 'The number is how many valid ones came that day; framed: not all; hatched: none. A cell opens its day.',
  },
  'capture.empty': { zh: '这个月没有应到的读数。', en: 'Nothing was due in this month.' },

  'near.title': { zh: '附近与上风向', en: 'Neighbours and upwind' },
  'near.wind': { zh: '{from}风（{degrees}°）', en: 'Wind from {from} ({degrees}°)' },
  'near.no_wind': {
    zh: '没有可用的风，无法说哪里是上风向。',
    en: 'No wind is known, so nobody can be called upwind.',
  },
  'near.empty': { zh: '附近没有别的点位。', en: 'No other place is near.' },
  'near.direction': { zh: '方位', en: 'Direction' },
  'near.distance': { zh: '距离', en: 'Distance' },
  'near.place': { zh: '点位', en: 'Place' },
  'near.upwind': { zh: '上风向', en: 'Upwind' },
  'near.is_upwind': { zh: '上风向', en: 'upwind' },

  'device.title': { zh: '设备与原始报文', en: 'Device and raw frames' },
  'device.on': { zh: '已连接', en: 'connected' },
  'device.off': { zh: '未连接', en: 'not connected' },
  'device.seen': { zh: '最后收到 {time}（{age}）', en: 'last heard {time} ({age})' },
  'device.skew': { zh: '时钟差 {seconds} 秒', en: 'its clock is off by {seconds} s' },
  'device.problems': { zh: '启动以来的问题：', en: 'Problems since the start:' },
  'device.frames': { zh: '最近报文', en: 'Newest frames' },
  'device.all': { zh: '此设备的全部报文', en: 'All frames of this device' },
  'device.none': { zh: '这里没有登记设备。', en: 'No device is registered here.' },

  'water_now.title': { zh: '水质类别', en: 'Class of the water' },
  'water_now.none': { zh: '现在没有类别。', en: 'There is no class now.' },
  'water_now.deciding': { zh: '定类项目', en: 'decided by' },
  'water_now.basis': {
    zh: '按最近小时值的单因子类别，不是评价；评价按月。',
    en: 'Single-factor class of the newest hours, not an assessment; assessment is by month.',
  },
  'water_now.months': { zh: '各月评价', en: 'The months assessed' },

  'place.ended': {
    zh: '此点位已于 {day} 停用；以下是当时的数据。',
    en: 'This place ended on {day}; what follows are its data from then.',
  },
  'place.begins': { zh: '自 {day} 起', en: 'since {day}' },
} as const satisfies Record<string, { zh: string; en: string }>;
