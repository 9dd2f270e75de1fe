/** The hourly or raw series of a place's most telling parameters, for a page that shows some hours of them. */
import { get } from '../api/client';
import type { Datastream, Readings } from '../api/contract';
import { choose } from '../station/series';

export interface Telling {
  parameter: string;
  unit: string;
  time: number[];
  value: (number | null)[];
}

/** What is looked at first, whatever a place measures besides. */
const FIRST = ['pm10', 'pm25', 'so2', 'no2', 'co', 'o3', 'nh3n', 'codmn', 'do', 'tp', 'tsp', 'noise'];

/** The parameters of a place, the most telling first; those of `wanted` before all. */
export function telling(streams: Datastream[], wanted: readonly string[], most: number): string[] {
  const here = [
    ...new Set(streams.filter(({ statistic }) => statistic !== 'index').map((one) => one.parameter)),
  ];
  const rank = (key: string) => {
    const order = [...wanted, ...FIRST];
    const at = order.indexOf(key);
    return at < 0 ? order.length : at;
  };
  return here.sort((a, b) => rank(a) - rank(b)).slice(0, most);
}

export async function tellingSeries(
  place: string,
  span: { from: number; to: number },
  wanted: readonly string[],
  most: number,
  signal: AbortSignal,
): Promise<Telling[]> {
  const streams = await get<Datastream[]>('/datastreams', { place }, { signal });
  const step = span.to - span.from <= 12 * 3_600_000 ? 'raw' : 'hour';
  const found = telling(streams, wanted, most).flatMap((key) => choose(streams, key, step) ?? []);
  const query = { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString(), step };
  return Promise.all(
    found.map(async (stream) => {
      const { columns } = await get<Readings>('/readings', { ...query, datastream: stream.id }, { signal });
      return { parameter: stream.parameter, unit: stream.unit, time: columns.time, value: columns.value };
    }),
  );
}
