/**
 * A long series as the few points that draw the same picture: of each column of pixels the first, the lowest,
 * the highest and the last value (M4), and a doubtful one where there is one. Gaps stay gaps. Pure.
 */
import { qualityOf } from '../flags';
import type { Window } from './range';
import { indexAt, usualStep, type Line, type Series } from './series';

export function thinned(series: Series, window: Window, bins: number): Line {
  const { time, value, flag } = series;
  // One point beyond each edge, so that the line reaches it.
  const first = Math.max(indexAt(time, window.from) - 1, 0);
  const end = Math.min(indexAt(time, window.to) + 1, time.length);
  const width = (window.to - window.from) / bins;
  const silence = 1.5 * usualStep(time);
  const line: Line = { time: [], value: [], marked: [], origin: [] };

  const add = (i: number): void => {
    line.time.push((time[i] ?? 0) / 1000);
    line.value.push(value[i] ?? null);
    line.marked.push(isDoubtful(flag[i]) ? (value[i] ?? null) : null);
    line.origin.push(i);
  };
  const addBreak = (at: number): void => {
    line.time.push(at / 1000);
    line.value.push(null);
    line.marked.push(null);
    line.origin.push(-1);
  };
  let bin = { first: -1, low: -1, high: -1, last: -1, doubtful: -1 };
  const flush = (): void => {
    if (bin.first < 0) return;
    const kept = new Set([bin.first, bin.low, bin.high, bin.last, bin.doubtful]);
    for (const i of [...kept].sort((a, b) => a - b)) if (i >= 0) add(i);
    bin = { first: -1, low: -1, high: -1, last: -1, doubtful: -1 };
  };

  let column = -1;
  let gap = false;
  for (let i = first; i < end; i += 1) {
    const at = time[i] ?? 0;
    const one = value[i] ?? null;
    const isSilent = i > first && at - (time[i - 1] ?? 0) > silence;
    const here = Math.floor((at - window.from) / width);
    if (here !== column || isSilent || one === null) flush();
    column = here;
    if (isSilent && !gap) addBreak((time[i - 1] ?? 0) + silence / 1.5);
    if (one === null) {
      if (!gap) addBreak(at);
      gap = true;
      continue;
    }
    gap = false;
    if (bin.first < 0) bin = { first: i, low: i, high: i, last: i, doubtful: -1 };
    if (one < (value[bin.low] ?? 0)) bin.low = i;
    if (one > (value[bin.high] ?? 0)) bin.high = i;
    bin.last = i;
    if (isDoubtful(flag[i])) bin.doubtful = i;
  }
  flush();
  return line;
}

function isDoubtful(flag: number | undefined): boolean {
  return qualityOf(flag ?? 0) !== 'good';
}
