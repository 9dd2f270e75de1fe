/** A series as uPlot draws it: one line that breaks at gaps, marks on doubtful values, limits with labels. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import * as format from '../format';
import type { Window } from './range';
import type { Line } from './series';

export interface LimitLine {
  value: number;
  label: string;
}

export interface ChartInput {
  line: Line;
  limits: LimitLine[];
  window: Window;
  zone: string;
  lang: format.Lang;
  /** Few lines of labels, for charts that stand one above the other. */
  isSmall: boolean;
  /** Called with the index of the point under the cursor, or null. */
  onpoint: (index: number | null) => void;
}

const FONT = '12px system-ui, "Noto Sans CJK SC", sans-serif';
const DAY_S = 86_400;

/** Charts of one page share their cursor. */
const LINKED = 'station';

export function makeChart(target: HTMLElement, input: ChartInput): uPlot {
  const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const grid = { stroke: token('--line'), width: 1 };
  const ticks = { stroke: token('--line'), width: 1, size: 4 };
  const axis = { font: FONT, stroke: token('--muted'), grid, ticks };
  const { line, window } = input;
  return new uPlot(
    {
      width: Math.max(target.clientWidth, 200),
      height: Math.max(target.clientHeight, 100),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), input.zone),
      legend: { show: false },
      scales: {
        x: { time: true, auto: false, min: window.from / 1000, max: window.to / 1000 },
        y: { range: (_, low, high) => rangeOf(low, high, input.limits) },
      },
      axes: [
        { ...axis, space: 72, values: timeLabels(input) },
        { ...axis, size: 48, space: input.isSmall ? 24 : 30 },
      ],
      series: [
        {},
        {
          stroke: token('--series-1'),
          width: 1.75,
          spanGaps: false,
          points: { show: (chart) => chart.data[0].length < 100, size: 4, fill: token('--series-1') },
        },
        {
          stroke: token('--warn'),
          width: 0,
          points: { show: true, size: 8, width: 1.5, stroke: token('--warn'), fill: token('--page') },
        },
      ],
      cursor: {
        drag: { x: false, y: false },
        points: { size: 8 },
        sync: { key: LINKED, setSeries: false },
      },
      hooks: {
        draw: [
          (chart) => {
            drawLimits(chart, input.limits, token('--bad'), token('--page'));
          },
        ],
        setCursor: [
          (chart) => {
            input.onpoint(chart.cursor.idx ?? null);
          },
        ],
      },
    },
    [line.time, line.value, line.marked],
    target,
  );
}

/** Puts the cursor on a point, here and in the charts that are linked. */
export function pointAt(chart: uPlot, index: number): void {
  const left = chart.valToPos(chart.data[0][index] ?? 0, 'x');
  // The third argument tells the linked charts; the library has it, its types do not.
  const setCursor = chart.setCursor as (
    at: { left: number; top: number },
    fire: boolean,
    tell: boolean,
  ) => void;
  setCursor({ left, top: 10 }, true, true);
}

/** Draws another line into the same chart: cursor, focus and a drag that is under way stay. */
export function draw(chart: uPlot, { time, value, marked }: Line): void {
  chart.setData([time, value, marked], false);
  chart.redraw(true, true);
}

/** Shows another window; the vertical scale follows what is in it. */
export function look(chart: uPlot, window: Window): void {
  chart.setScale('x', { min: window.from / 1000, max: window.to / 1000 });
}

/** From 0 to a little above the data; a limit is brought in while it leaves the data half of the height. */
function rangeOf(low: number | null, high: number | null, limits: LimitLine[]): [number, number] {
  const top = high ?? 1;
  const near = limits.map(({ value }) => value).filter((value) => value <= top * 2);
  const highest = Math.max(top, ...near);
  return [Math.min(low ?? 0, 0), highest * 1.08 || 1];
}

function drawLimits(chart: uPlot, limits: LimitLine[], colour: string, halo: string): void {
  const { ctx, bbox } = chart;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = scale;
  ctx.setLineDash([6 * scale, 4 * scale]);
  ctx.font = FONT.replace('12px', `${String(12 * scale)}px`);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  for (const { value, label } of limits) {
    const y = chart.valToPos(value, 'y', true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.save();
    ctx.setLineDash([]);
    ctx.lineWidth = 3 * scale;
    ctx.strokeStyle = halo;
    ctx.strokeText(label, bbox.left + bbox.width - 4 * scale, y - 2 * scale);
    ctx.fillStyle = colour;
    ctx.fillText(label, bbox.left + bbox.width - 4 * scale, y - 2 * scale);
    ctx.restore();
  }
  ctx.restore();
}

/** 24 h clock with the date under the first tick of each day; dates only where a tick is a day or more. */
function timeLabels({ zone, lang }: ChartInput): uPlot.Axis.DynamicValues {
  return (_, splits) => {
    const isLong = splits.length > 1 && (splits[1] ?? 0) - (splits[0] ?? 0) >= DAY_S;
    let before = '';
    return splits.map((seconds) => {
      const date = format.date(seconds * 1000, zone, lang);
      const clock = isLong ? '' : format.time(seconds * 1000, zone);
      const over = isLong ? String(format.civil(seconds * 1000, zone).year) : date;
      const isNew = over !== before;
      before = over;
      if (isLong) return isNew ? `${date}\n${over}` : date;
      return isNew ? `${clock}\n${date}` : clock;
    });
  };
}
