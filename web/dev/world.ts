/** The made-up district behind `mock.ts`: smooth waves instead of air, tables without any law in them. */
import type * as api from '../src/api/contract.ts';

const HOUR = 3_600_000;
const BBOX: [number, number, number, number] = [118.58, 31.82, 118.9, 32.06];
export const NEWEST = 1_204_331;
const TEXT =
  '##0207QN=20261003084112001;ST=22;CN=2051;PW=******;MN=A110000_0007;Flag=5;CP=&&DataTime=20261003084000;' +
  'a34004-Avg=37.2,a34004-Flag=N;a34002-Avg=71.0,a34002-Flag=N;a21026-Avg=9.1,a21026-Flag=N;a05024-Avg=61,a05024-Flag=D&&4B1C\r\n';

const thisHour = () => Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
const name = (zh: string, en = '') => ({ zh, en });
const between = (i: number, low: number, high: number) =>
  low + (high - low) * (((Math.sin(i * 127.1) * 43758.5453) % 1) + 1) * 0.5;

const STATIONS = '东湖 西岭 南园 北辰 中心广场 科技园 柳林 青龙桥 望江楼 长堤 白塔 高新区第一实验小学'.split(
  ' ',
);
const parts = [
  ['pm25', 'PM2.5', '细颗粒物', 'Fine particles', 'ug/m3', 0],
  ['pm10', 'PM10', '可吸入颗粒物', 'Inhalable particles', 'ug/m3', 0],
  ['o3', 'O3', '臭氧', 'Ozone', 'ug/m3', 0],
  ['no2', 'NO2', '二氧化氮', 'Nitrogen dioxide', 'ug/m3', 0],
  ['so2', 'SO2', '二氧化硫', 'Sulfur dioxide', 'ug/m3', 0],
  ['co', 'CO', '一氧化碳', 'Carbon monoxide', 'mg/m3', 1],
] as const;

export const parameters: api.Parameter[] = parts.map(([key, symbol, zh, en, unit, decimals]) => ({
  key,
  symbol,
  name: name(zh, en),
  unit,
  decimals,
}));

const place = (i: number, kind: api.PlaceKind, key: string, title: api.Text): api.Place => ({
  key,
  name: title,
  kind,
  lon: between(i + 1, BBOX[0] + 0.02, BBOX[2] - 0.02),
  lat: between(i + 301, BBOX[1] + 0.02, BBOX[3] - 0.02),
  area: `area-${String((i % 3) + 1)}`,
  simulated: true,
});

const bend = (x: number, y: number, dx: number, dy: number): number[][] =>
  Array.from({ length: 24 }, (_, i) => [x + (dx * i) / 23, y + (dy * i) / 23 + 0.012 * Math.sin(i / 2.3)]);

export const places: api.Places = {
  areas: ['江北街道', '河西街道', '南山镇'].map((zh, i) => ({
    key: `area-${String(i + 1)}`,
    name: name(zh),
    ring: [
      [BBOX[0] + i * 0.105, BBOX[1] + 0.01],
      [BBOX[0] + i * 0.105 + 0.1, BBOX[1] + 0.015],
      [BBOX[0] + i * 0.105 + 0.1, BBOX[3] - 0.012],
      [BBOX[0] + i * 0.105 + 0.01, BBOX[3] - 0.01],
    ],
  })),
  lines: [
    { key: 'river-1', name: name('清溪', 'Qingxi'), kind: 'river', path: bend(118.58, 31.9, 0.32, 0.1) },
    { key: 'river-2', name: name('碧水河'), kind: 'river', path: bend(118.66, 32.06, 0.1, -0.22) },
    { key: 'road-1', name: name('环城大道'), kind: 'road', path: bend(118.6, 32.0, 0.28, -0.1) },
  ],
  places: [
    ...STATIONS.map((zh, i) => place(i, 'air_station', `a${String(i + 1).padStart(2, '0')}`, name(zh))),
    ...Array.from({ length: 150 }, (_, i) =>
      place(i + 20, 'micro_station', `m${String(i + 1).padStart(3, '0')}`, name(`微站 ${String(i + 1)}`)),
    ),
    place(400, 'stack', 's1', name('热电厂一号排口')),
    place(402, 'dust_site', 'd1', name('滨江工地')),
    place(404, 'water_site', 'w1', name('清溪断面')),
  ],
};

export const airIndex: api.AirIndex = {
  edition: 'HJ 633-2026',
  title: name('环境空气质量指数', 'Air quality index'),
  categories: (
    [
      ['优', 'Excellent', '#00E400', 0, 50],
      ['良', 'Good', '#FFFF00', 51, 100],
      ['轻度污染', 'Lightly polluted', '#FF7E00', 101, 150],
      ['中度污染', 'Moderately polluted', '#FF0000', 151, 200],
      ['重度污染', 'Heavily polluted', '#99004C', 201, 300],
      ['严重污染', 'Severely polluted', '#7E0023', 301, 500],
    ] as const
  ).map(([zh, en, colour, low, high], i) => ({
    level: i + 1,
    name: name(zh, en),
    colour,
    range: [low, high],
    source: 'made up',
    advice: name(''),
    advice_sensitive: name(''),
  })),
  limits: [
    {
      standard: 'made up',
      phase: '',
      pollutant: 'PM2.5',
      averaging: '24h',
      grade1: 35,
      grade2: 60,
      unit: 'ug/m3',
      source: 'made up',
    },
    {
      standard: 'made up',
      phase: '',
      pollutant: 'NO2',
      averaging: '1h',
      grade1: 40,
      grade2: 40,
      unit: 'ug/m3',
      source: 'made up',
    },
  ],
};

export const district = (): api.District => ({
  name: name('碧溪示范区', 'Bixi pretend zone'),
  zone: 'Asia/Shanghai',
  simulated: true,
  bbox: BBOX,
  now: new Date().toISOString(),
  sequence: NEWEST,
  version: '0.0.0',
});

const value = (i: number, at: number, p = 0) =>
  Math.round(10 * (55 + 35 * Math.sin(at / HOUR / 9 + i * 0.7 + p) + between(i + p * 31, -25, 60))) / 10;

const levelOf = (aqi: number) => airIndex.categories.findIndex(({ range }) => aqi <= (range[1] ?? 0)) + 1;

function judged(i: number): api.IndexNowItem {
  const key = places.places[i]?.key ?? '';
  if (i % 12 === 9) {
    const reason = name('20 小时中只有 17 小时有效', '17 of 20 hours needed');
    return {
      place: key,
      hour: iso(thisHour() - HOUR),
      aqi: null,
      level: null,
      primary: [],
      reason,
      partial: null,
    };
  }
  const aqi = Math.max(8, Math.round(value(i, Date.now()) * 1.6 + (i === 3 ? 160 : 0) + (i === 6 ? 260 : 0)));
  const hour = iso(thisHour() - HOUR);
  if (i < 12)
    return { place: key, hour, aqi, level: levelOf(aqi), primary: ['PM2.5'], reason: null, partial: null };
  const reason = name('只测六项中的两项', 'measures two of the six');
  const partial = { aqi, level: levelOf(aqi), of: ['PM2.5', 'PM10'] };
  return { place: key, hour, aqi: null, level: null, primary: [], reason, partial };
}

export const indexNow = (): api.IndexNow => ({
  edition: 'HJ 633-2026',
  items: places.places.slice(0, 110).map((_, i) => judged(i)),
  district: {
    aqi: 87,
    level: 2,
    primary: ['PM2.5'],
    hour: iso(thisHour() - HOUR),
    reason: null,
    spark: Array.from({ length: 24 }, (_, i) => ({
      hour: iso(thisHour() - (24 - i) * HOUR),
      aqi: i === 9 || i === 10 ? null : Math.round(60 + 40 * Math.sin(i / 4)),
    })),
  },
});

export function latest(key: string): api.Latest {
  const items = places.places.slice(0, 150).flatMap((one, i) =>
    parts.slice(0, one.kind === 'air_station' ? 6 : 2).map(([parameter], p): api.LatestItem => ({
      place: one.key,
      parameter,
      datastream: i * 10 + p,
      time: iso(Math.floor(Date.now() / 60_000) * 60_000 - 60_000),
      period: 'minute',
      value: p === 5 ? 0.8 : Math.max(1, value(i, Date.now(), p)),
      flag: p === 3 ? (68 << 4) | 3 : (78 << 4) | 1,
      quality: p === 3 ? 'suspect' : 'good',
      mark: p === 3 ? 'D' : 'N',
      sequence: NEWEST - i,
      age_s: 60,
    })),
  );
  return { sequence: NEWEST, items: items.filter((item) => !key || item.place === key) };
}

const stream = (key: string, id: number, parameter: string, period: api.Period): api.Datastream => ({
  id,
  place: key,
  device: period === 'minute' ? 'A110000_0007' : null,
  parameter,
  statistic: 'mean',
  period,
  unit: parameter === 'co' ? 'mg/m3' : 'ug/m3',
  first: iso(thisHour() - 900 * HOUR),
  last: iso(thisHour()),
});

export const datastreams = (key: string): api.Datastream[] =>
  parts.flatMap(([parameter], p) =>
    (['minute', 'hour', 'day'] as const).map((period, i) => stream(key, p * 10 + i, parameter, period)),
  );

export function readings(id: number, from: string, to: string, step: string): api.Readings {
  const width = step === 'day' ? 24 * HOUR : step === 'hour' ? HOUR : HOUR / 12;
  const columns: api.Readings['columns'] = { time: [], value: [], flag: [], sequence: [] };
  const gap = { from: Date.parse(to) - 30 * width, to: Date.parse(to) - 24 * width };
  for (let at = Math.ceil(Date.parse(from) / width) * width; at < Date.parse(to); at += width) {
    if (at >= gap.from && at < gap.to) continue;
    columns.time.push(at);
    columns.value.push(Math.max(1, value(Math.floor(id / 10), at)));
    columns.flag.push((at / width) % 41 === 7 ? (68 << 4) | 3 : (78 << 4) | 1);
    columns.sequence.push(NEWEST - Math.floor((Date.parse(to) - at) / width));
  }
  return {
    datastream: stream('a01', id, parts[Math.floor(id / 10)]?.[0] ?? '', step === 'raw' ? 'minute' : 'hour'),
    from,
    to,
    step: step as api.Step,
    columns,
    gaps: [{ from: iso(gap.from), to: iso(gap.to), reason: 'no_reading' }],
    truncated: null,
  };
}

export function explain(key: string, period: string, start: string): api.Explain {
  const inputs = (p: number): api.ExplainRow['inputs'] =>
    Array.from({ length: period === 'day' ? 24 : 12 }, (_, i) => ({
      datastream: p * 10,
      time: iso(Date.parse(start) + (i * HOUR) / (period === 'day' ? 1 : 12)),
      value: i === 4 ? null : value(p, i * HOUR),
      flag: i === 4 ? 9 : 1,
      sequence: NEWEST - i,
    }));
  return {
    place: key,
    period: period === 'day' ? 'day' : 'hour',
    start,
    edition: {
      id: 'HJ 633-2026',
      valid_from: '2026-03-01',
      valid_to: null,
      title: airIndex.title,
      clause: '4.2.2 – 4.2.6',
    },
    reason: null,
    partial: null,
    doubts: [],
    aqi: 156,
    level: 4,
    category: name('中度污染', 'Moderately polluted'),
    primary: ['PM2.5'],
    sentence: name(
      'AQI 156，中度污染，首要污染物 PM2.5；HJ 633-2026，小时',
      'AQI 156, moderately polluted, primary pollutant PM2.5; HJ 633-2026, hour',
    ),
    rows: parts.map(([, symbol], p) => ({
      pollutant: symbol,
      column: `${symbol}_24h`,
      unit: symbol === 'CO' ? 'mg/m3' : 'ug/m3',
      source: 'made up',
      doubts: [],
      average: p === 4 ? null : `${String(118 - p * 13)}.41666666666667`,
      rounded: p === 4 ? null : String(118 - p * 13),
      lo: p === 4 ? null : { bp: '115', iaqi: 150 },
      hi: p === 4 ? null : { bp: '150', iaqi: 200 },
      iaqi: p === 4 ? null : 156 - p * 21,
      capture: { have: p === 4 ? 3 : 11, need: 9, of: 12 },
      reason: p === 4 ? name('12 个分钟值中只有 3 个有效，需要 9 个', '3 of 12 minutes; 9 needed') : null,
      inputs: inputs(p),
    })),
  };
}

export function ledger(day: string, by: string): api.Ledger {
  const rows: api.LedgerRow[] = [];
  const pieces = by === 'reason' ? 1 : 9;
  const share = (count: number, i: number) => Math.floor(count / pieces) + (i < count % pieces ? 1 : 0);
  const add = (disposition: api.Disposition, reason: string | null, count: number) => {
    for (const unit of ['frame', 'reading'] as const) {
      for (let i = 0; i < pieces; i += 1) {
        const where = by === 'hour' ? { hour: iso(Date.parse(day) + (i - 8) * HOUR) } : {};
        const device = by === 'device' ? { device: `A110000_000${String(i + 1)}` } : {};
        rows.push({
          ...where,
          ...device,
          unit,
          disposition,
          reason,
          count: share(unit === 'frame' ? count : count * 8, i),
        });
      }
    }
  };
  add('stored', null, 18_204);
  add('duplicate', null, 312);
  add('rejected', 'bad_crc', 41);
  add('rejected', 'future_time', 6);
  add('quarantined', 'unknown_device', 120);
  const frames = {
    received: 18_685,
    stored: 18_204,
    duplicate: 312,
    rejected: 47,
    quarantined: 120,
    in_flight: 2,
  };
  const eight = Object.fromEntries(Object.entries(frames).map(([key, count]) => [key, count * 8]));
  return { day, frames, readings: eight as unknown as api.Account, balanced: true, rows };
}

export const frames = (device: string, disposition: string, before: number): api.FrameLine[] =>
  Array.from({ length: 50 }, (_, i) => ({
    sequence: before - 1 - i,
    received_at: iso(Date.now() - i * 2000),
    device: device || `A110000_00${String(10 + (i % 12))}`,
    mn: device || `A110000_00${String(10 + (i % 12))}`,
    place: `a${String((i % 12) + 1).padStart(2, '0')}`,
    disposition: (disposition || (i % 13 === 5 ? 'rejected' : 'stored')) as api.Disposition,
    reason: i % 13 === 5 ? 'bad_crc' : null,
    length: TEXT.length,
    cn: '2051',
  }));

export const frame = (sequence: number): api.Frame => ({
  sequence,
  received_at: new Date().toISOString(),
  device: 'A110000_0007',
  place: 'a07',
  disposition: 'stored',
  reason: null,
  hex: Buffer.from(TEXT).toString('hex'),
  text: TEXT,
  decoded: {
    ok: true,
    header: { QN: '20261003084112001', ST: '22', CN: '2051', PW: '******', MN: 'A110000_0007', Flag: '5' },
    flag: { raw: 5, version: 1, ack: true, split: false },
    groups: [
      [['DataTime', '20261003084000']],
      [
        ['a34004-Avg', '37.2'],
        ['a34004-Flag', 'N'],
      ],
    ],
    deviations: ['length_off'],
    errors: [],
  },
  problems: [
    {
      name: 'length_off',
      at: 2,
      message: name('长度字段写 207，实际 211', 'Length says 207, frame has 211'),
    },
    { name: 'bad_crc', at: TEXT.length - 6, message: name('校验码与内容不符', 'Checksum does not fit') },
  ],
  readings: [{ datastream: 1, parameter: 'pm25', time: iso(Date.now()), value: 37.2, flag: (78 << 4) | 1 }],
});
