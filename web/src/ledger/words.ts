/** Words of the ledger that came after the first ones; part of the one table in `src/words.ts`. */
export const ledgerWords = {
  'ledger.today': { zh: '今天', en: 'Today' },
  'ledger.hours': { zh: '各小时收到的数量，最多 {most}', en: 'What arrived by hour, at most {most}' },
  'frames.reason': { zh: '原因', en: 'Reason' },
  'frames.any_reason': { zh: '全部原因', en: 'All reasons' },
  'frame.older': { zh: '此设备的上一条', en: 'The one before from this device' },
  'frame.all': { zh: '此设备的全部报文', en: 'All frames of this device' },
} as const satisfies Record<string, { zh: string; en: string }>;
