import { analysis, methods } from './analysis/words';
import { assess } from './assess/words';
import { explain } from './explain/words';
import { ledgerWords } from './ledger/words';
import { station } from './station/words';
import { adminWords } from './admin/words';
import { partsWords } from './parts/words';
import { publicWords } from './public/words';
import { screenWords } from './screen/words';
import { map } from './map/words';
import { accountWords } from './account/words';
import { caseWords } from './cases/words';
import { findingWords } from './findings/words';
import { peopleWords } from './people/words';
import { phoneWords } from './phone/words';
import { riverWords } from './rivers/words';
import { shell } from './shell/words';
import { trace } from './trace/words';

/**
 * Every word that the page says, Chinese and English side by side. `{name}` stands for a value.
 * A test finds the empty cell, the unused key and the value that one language forgot.
 */
export const words = {
  ...station,
  ...ledgerWords,
  ...assess,
  ...analysis,
  ...methods,
  ...explain,
  ...screenWords,
  ...publicWords,
  ...partsWords,
  ...adminWords,
  ...phoneWords,
  ...accountWords,
  ...caseWords,
  ...peopleWords,
  ...findingWords,
  ...riverWords,

  ...shell,
  ...trace,
  ...map,
  'app.name': { zh: '碧空清流', en: 'Skyriver' },
  'app.skip': { zh: '跳到正文', en: 'Skip to content' },
  'app.language': { zh: '语言', en: 'Language' },
  'app.dark': { zh: '深色', en: 'Dark theme' },
  'app.safe': { zh: '色觉友好配色', en: 'Colour-safe classes' },
  'app.zone': { zh: '北京时间', en: 'Beijing time' },

  'nav.label': { zh: '主导航', en: 'Main' },
  'nav.map': { zh: '地图', en: 'Map' },
  'nav.ledger': { zh: '台账', en: 'Ledger' },
  'nowhere.title': { zh: '没有这个页面', en: 'No such page' },
  'nowhere.text': { zh: '{path} 不是本系统的页面。', en: '{path} is not a page of this system.' },
  'nowhere.home': { zh: '回到地图', en: 'Back to the map' },

  'live.on': { zh: '实时', en: 'live' },
  'live.off': { zh: '实时已中断', en: 'not live' },
  'live.starting': { zh: '连接中', en: 'connecting' },
  'live.stopped': {
    zh: '实时数据于 {time} 中断，{seconds} 秒后重试',
    en: 'Live stopped at {time}; trying again in {seconds} s',
  },
  'live.never': {
    zh: '尚未连上实时数据，{seconds} 秒后重试',
    en: 'Live data not reached yet; trying again in {seconds} s',
  },
  'live.again': { zh: '立即重试', en: 'Try now' },

  'state.loading': { zh: '载入中', en: 'Loading' },
  'state.retry': { zh: '重试', en: 'Try again' },
  'state.chunk': {
    zh: '页面的一部分无法载入，可能系统刚刚更新。请重新载入。',
    en: 'A part of the page could not be loaded; the system may have been updated. Load it again.',
  },

  'map.label': { zh: '地图', en: 'Map' },
  'map.canvas': {
    zh: '点位地图；同样内容见“视野内”列表',
    en: 'Map of places; the list “In view” has the same content',
  },
  'map.in': { zh: '放大', en: 'Zoom in' },
  'map.out': { zh: '缩小', en: 'Zoom out' },
  'map.panel': { zh: '面板', en: 'Panel' },
  'map.now': { zh: '现在', en: 'Now' },
  'map.view': { zh: '视野内', en: 'In view' },
  'map.simulated': { zh: '模拟数据，不是真实监测', en: 'Simulated data, not real monitoring' },
  'map.back': { zh: '返回', en: 'Back' },
  'map.open': { zh: '打开', en: 'Open' },

  'legend.title': { zh: '空气质量指数', en: 'Air quality index' },
  'legend.hollow': { zh: '不予评价或无数据', en: 'No assessment or no data' },
  'legend.plain': { zh: '有读数，未评价', en: 'Readings, not assessed' },

  'kind.air_station': { zh: '标准空气站', en: 'Air station' },
  'kind.micro_station': { zh: '微站', en: 'Micro-station' },
  'kind.dust_site': { zh: '扬尘点', en: 'Dust site' },
  'kind.water_site': { zh: '水质断面', en: 'Water site' },
  'kind.stack': { zh: '排放口', en: 'Stack' },
  'kind.enterprise': { zh: '企业', en: 'Enterprise' },
  'kind.weather_station': { zh: '气象站', en: 'Weather station' },
  'kind.outfall': { zh: '排口', en: 'Outfall' },
  'kind.gate': { zh: '闸', en: 'Gate' },
  'kind.vehicle': { zh: '走航车', en: 'Vehicle' },
  'kind.patrol': { zh: '巡查员', en: 'Patrol' },

  'now.stations': { zh: '各站现状（由重到轻）', en: 'Stations now, worst first' },
  'now.empty': {
    zh: '还没有站点的指数。一个完整小时之后会出现第一个。',
    en: 'No station has an index yet. The first comes after one whole hour.',
  },
  'now.changed': { zh: '{count} 个点位的指数有更新', en: 'Index updated at {count} places' },

  'index.primary': { zh: '首要污染物', en: 'Primary pollutant' },
  'index.none': { zh: '不予评价', en: 'no assessment' },
  'index.nothing': {
    zh: '此点位没有空气质量指数。',
    en: 'This place has no air quality index.',
  },
  'index.partial': {
    zh: '单项指数最大值，不是 AQI；只测',
    en: 'largest single index, not the AQI; measures only',
  },
  'index.how': { zh: '指数是怎样得出的', en: 'How this index was made' },
  'index.period': { zh: '小时或日', en: 'Hour or day' },
  'index.before': { zh: '上一个时段', en: 'Period before' },
  'index.after': { zh: '下一个时段', en: 'Period after' },

  'how.pollutant': { zh: '污染物', en: 'Pollutant' },
  'how.capture': { zh: '有效数', en: 'Captured' },
  'how.average': { zh: '平均浓度', en: 'Average' },
  'how.rounded': { zh: '修约后', en: 'Rounded' },
  'how.breakpoints': { zh: '分段点 → IAQI', en: 'Breakpoints → IAQI' },
  'how.max': { zh: 'AQI = 各 IAQI 的最大值', en: 'AQI = the largest IAQI' },
  'how.primary': { zh: '首要', en: 'primary' },
  'how.need': { zh: '至少需要 {need}', en: 'at least {need} needed' },
  'how.nothing': { zh: '这个时段没有读数。', en: 'No readings in this period.' },
  'how.doubt': { zh: '存疑：', en: 'In doubt:' },
  'how.edition': { zh: '自 {from} 起施行', en: 'in force since {from}' },

  'place.latest': { zh: '最新读数', en: 'Newest readings' },
  'place.silent': { zh: '还没有收到这个点位的读数。', en: 'No reading has come from this place yet.' },
  'place.last': { zh: '最后读数 {time}（{age}）', en: 'Last reading {time} ({age})' },
  'place.simulated': { zh: '模拟', en: 'simulated' },
  'place.unknown': {
    zh: '没有登记名为“{key}”的点位。',
    en: 'No place is registered under “{key}”.',
  },
  'place.list': { zh: '查看全部点位', en: 'See all places' },

  'series.title': { zh: '变化过程', en: 'Series' },
  'series.step': { zh: '时间分辨率', en: 'Step' },
  'series.none': {
    zh: '此点位没有任何数据流。设备首次上报后会自动出现。',
    en: 'This place has no datastream. One appears when a device first reports.',
  },
  'series.empty': {
    zh: '所选时间内没有读数，请选择更长的时间。',
    en: 'No readings in this time; choose a longer one.',
  },
  'series.summary': {
    zh: '{what}：{count} 个读数，最低 {low}，最高 {high}，缺测 {gaps} 段。左右方向键逐点查看。',
    en: '{what}: {count} readings, lowest {low}, highest {high}, {gaps} gaps. Arrow keys read point by point.',
  },
  'series.table': { zh: '以表格显示（{count} 行）', en: 'As a table ({count} rows)' },
  'series.derived': { zh: '由本系统计算', en: 'computed by this system' },
  'series.last': { zh: '截至 {time}', en: 'up to {time}' },
  'step.raw': { zh: '原始', en: 'Raw' },
  'step.hour': { zh: '小时', en: 'Hour' },
  'step.day': { zh: '日', en: 'Day' },
  'span.24h': { zh: '24 小时', en: '24 h' },
  'span.7d': { zh: '7 天', en: '7 d' },
  'span.30d': { zh: '30 天', en: '30 d' },
  'range.label': { zh: '时间长度', en: 'Length of time' },
  'range.from': { zh: '起始日', en: 'First day' },
  'range.to': { zh: '截止日', en: 'Last day' },
  'period.instant': { zh: '瞬时', en: 'instant' },
  'period.minute': { zh: '分钟', en: 'minute' },
  'period.hour': { zh: '小时', en: 'hour' },
  'period.day': { zh: '日', en: 'day' },
  'statistic.mean': { zh: '均值', en: 'mean' },
  'statistic.instant': { zh: '瞬时值', en: 'instant' },
  'statistic.min': { zh: '最小值', en: 'minimum' },
  'statistic.max': { zh: '最大值', en: 'maximum' },
  'statistic.total': { zh: '累计', en: 'total' },
  'statistic.instant_converted': { zh: '折算瞬时值', en: 'instant, converted' },
  'statistic.mean_converted': { zh: '折算均值', en: 'mean, converted' },
  'statistic.min_converted': { zh: '折算最小值', en: 'minimum, converted' },
  'statistic.max_converted': { zh: '折算最大值', en: 'maximum, converted' },
  'statistic.state': { zh: '状态', en: 'state' },
  'statistic.index': { zh: '指数', en: 'index' },
  'limit.one': { zh: '一级', en: 'Grade I' },
  'limit.two': { zh: '二级', en: 'Grade II' },
  'limit.both': { zh: '一、二级', en: 'Grades I, II' },
  'limit.from': { zh: '限值：', en: 'Limits:' },
  'limit.none': {
    zh: '标准没有规定这一平均时间的限值',
    en: 'the standard sets no limit for this averaging time',
  },
  'gap.line': { zh: '缺测 {from} 至 {to}', en: 'Gap {from} to {to}' },
  'gap.more': { zh: '更早还有 {count} 段缺测', en: '{count} earlier gaps' },
  'spark.none': { zh: '最近 24 小时没有指数', en: 'No index in the last 24 hours' },
  'spark.label': {
    zh: '24 小时：最低 {low}，最高 {high}，最新 {last}',
    en: '24 h: lowest {low}, highest {high}, latest {last}',
  },

  'value.missing': { zh: '缺测', en: 'missing' },
  'value.frame': { zh: '打开原始报文', en: 'Open the raw frame' },
  'value.open': { zh: '打开来源', en: 'Open its source' },
  'quality.good': { zh: '有效', en: 'good' },
  'quality.unknown': { zh: '未判定', en: 'unknown' },
  'quality.suspect': { zh: '存疑', en: 'suspect' },
  'quality.fail': { zh: '无效', en: 'fail' },
  'quality.missing': { zh: '缺测', en: 'missing' },
  'table.time': { zh: '时间', en: 'Time' },
  'table.value': { zh: '数值', en: 'Value' },
  'table.quality': { zh: '质量', en: 'Quality' },
  'table.sequence': { zh: '序号', en: 'Sequence' },

  'view.count': { zh: '视野内 {count} 个点位', en: 'Places in view: {count}' },
  'view.empty': {
    zh: '视野内没有点位，请缩小地图。',
    en: 'No place in view; zoom out.',
  },
  'view.more': {
    zh: '共 {of} 行，只显示 {shown} 行；请缩小范围。',
    en: 'First {shown} of {of}; narrow the view.',
  },

  'flow.title': { zh: '今日报文', en: 'Frames today' },
  'flow.received': { zh: '收到', en: 'received' },
  'flow.stored': { zh: '入库', en: 'stored' },
  'flow.duplicate': { zh: '重复', en: 'duplicate' },
  'flow.rejected': { zh: '拒收', en: 'rejected' },
  'flow.quarantined': { zh: '隔离', en: 'quarantined' },
  'flow.in_flight': { zh: '在途', en: 'in flight' },
  'flow.balanced': { zh: '平衡', en: 'balanced' },
  'flow.unbalanced': { zh: '不平衡', en: 'does not add up' },
  'flow.difference': { zh: '差额', en: 'difference' },

  'ledger.promise': {
    zh: '收到的每一条报文、每一个读数，都恰好有一个去向。',
    en: 'Every frame and every reading that arrived has exactly one disposition.',
  },
  'ledger.day': { zh: '日期', en: 'Day' },
  'ledger.before': { zh: '前一天', en: 'Day before' },
  'ledger.after': { zh: '后一天', en: 'Day after' },
  'ledger.frames': { zh: '报文', en: 'Frames' },
  'ledger.readings': { zh: '读数', en: 'Readings' },
  'ledger.balanced': {
    zh: '收支平衡：收到 = 入库 + 重复 + 拒收 + 隔离 + 在途',
    en: 'It adds up: received = stored + duplicate + rejected + quarantined + in flight',
  },
  'ledger.unbalanced': {
    zh: '收支不平衡，请保留数据目录并报告。',
    en: 'It does not add up. Keep the data directory and report this.',
  },
  'ledger.by': { zh: '细分', en: 'Broken down' },
  'ledger.unit': { zh: '计数对象', en: 'What is counted' },
  'ledger.empty': { zh: '这一天没有收到任何东西。', en: 'Nothing arrived on this day.' },
  'by.reason': { zh: '原因', en: 'Reason' },
  'by.device': { zh: '设备', en: 'Device' },
  'by.hour': { zh: '小时', en: 'Hour' },
  'by.no_reason': { zh: '正常', en: 'nothing to explain' },
  'by.no_device': { zh: '未登记设备', en: 'strangers' },
  'by.share': { zh: '占比', en: 'Share' },

  'frames.title': { zh: '最近报文', en: 'Recent frames' },
  'frames.all': { zh: '显示全部设备', en: 'Show all devices' },
  'frames.any': { zh: '全部去向', en: 'All dispositions' },
  'frames.disposition': { zh: '去向', en: 'Disposition' },
  'frames.received': { zh: '收到时间', en: 'Received' },
  'frames.place': { zh: '点位', en: 'Place' },
  'frames.bytes': { zh: '字节', en: 'Bytes' },
  'frames.empty': {
    zh: '没有符合条件的报文。',
    en: 'No frame fits these conditions.',
  },
  'frames.newest': { zh: '回到最新', en: 'Back to the newest' },
  'frames.older': { zh: '更早', en: 'Older' },

  'frame.title': { zh: '报文 {sequence}', en: 'Frame {sequence}' },
  'frame.received': { zh: '收到于 {time}', en: 'Received {time}' },
  'frame.length': { zh: '{count} 字节', en: '{count} bytes' },
  'frame.clean': { zh: '未发现问题。', en: 'No problems found.' },
  'frame.hex': { zh: '原始字节', en: 'Bytes as they came' },
  'frame.decoded': { zh: '解码结果', en: 'Decoded' },
  'frame.undecoded': { zh: '这条报文没有解码。', en: 'This frame was not decoded.' },
  'frame.became': { zh: '产生的读数：{count}', en: 'Readings it became: {count}' },
  'frame.text': { zh: '文本', en: 'Text' },

  'reason.no_reading': { zh: '没有收到读数', en: 'nothing arrived' },
  'reason.reported_missing': { zh: '设备上报无值', en: 'the device said it has no value' },
  'reason.damaged_file': { zh: '数据文件损坏', en: 'a data file is damaged' },
  'reason.bad_crc': { zh: '校验码不符', en: 'checksum does not fit' },
  'reason.bad_length': { zh: '长度不符', en: 'length does not fit' },
  'reason.oversize': { zh: '超过长度上限', en: 'longer than the limit' },
  'reason.bad_grammar': { zh: '结构无法读取', en: 'grammar cannot be read' },
  'reason.unknown_command': { zh: '未知命令', en: 'unknown command' },
  'reason.bad_time': { zh: '时间有误', en: 'time missing or no date' },
  'reason.future_time': { zh: '时间在未来', en: 'time in the future' },
  'reason.ancient_time': { zh: '时间过早', en: 'time too long ago' },
  'reason.unknown_device': { zh: '未登记设备', en: 'device not registered' },
  'reason.wrong_password': { zh: '密码错误', en: 'wrong password' },
  'reason.no_key': { zh: '没有密钥', en: 'no key to decrypt' },
  'reason.rate_limit': { zh: '超过速率上限', en: 'faster than the limit' },
  'reason.too_many_readings': { zh: '读数超过上限', en: 'more readings than the limit' },
} as const satisfies Record<string, { zh: string; en: string }>;

export type Word = keyof typeof words;
