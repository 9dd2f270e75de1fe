/** Words of the ledger that came after the first ones; part of the one table in `src/words.ts`. */
export const ledgerWords = {
  'ledger.today': { zh: '今天', en: 'Today' },
  'ledger.hours': { zh: '各小时收到的数量，最多 {most}', en: 'What arrived by hour, at most {most}' },
  'frames.reason': { zh: '原因', en: 'Reason' },
  'frames.any_reason': { zh: '全部原因', en: 'All reasons' },
  'frame.older': { zh: '此设备的上一条', en: 'The one before from this device' },
  'frame.all': { zh: '此设备的全部报文', en: 'All frames of this device' },
  'rates.title': { zh: '传输有效率', en: 'Transmission and validity' },
  'rates.what': {
    zh: '传输率 = 收到 ÷ 应收；有效率 = 有效 ÷ 收到；传输有效率为二者之积。停产与检修未扣除。',
    en: 'Transmission = came of due; validity = valid of came; effective is the product. Stops and maintenance are not excused.',
  },
  'rates.empty': { zh: '没有登记的设备。', en: 'No device is registered.' },
  'rates.interval': { zh: '间隔', en: 'Interval' },
  'rates.learned': {
    zh: '由来数推断，并非设备申明',
    en: 'Learned from what came; the device does not state it',
  },
  'rates.unknown': { zh: '未知', en: 'unknown' },
  'rates.due': { zh: '应收', en: 'Due' },
  'rates.came': { zh: '收到', en: 'Came' },
  'rates.valid': { zh: '有效', en: 'Valid' },
  'rates.transmission': { zh: '传输率', en: 'Transmission' },
  'rates.validity': { zh: '有效率', en: 'Validity' },
  'rates.effective': { zh: '传输有效率', en: 'Effective' },
} as const satisfies Record<string, { zh: string; en: string }>;
