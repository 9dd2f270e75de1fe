import { expect } from 'vitest';
import type { Datastream, Places, Readings } from '../src/api/contract';
import { journey, type Walk } from './rig';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

async function airStation(walk: Walk): Promise<string> {
  const { places } = await walk.api<Places>('/places');
  const key = places.find(({ kind }) => kind === 'air_station')?.key;
  if (!key) throw new Error('no air station');
  return key;
}

function windowIn(address: string): number {
  const { searchParams } = new URL(address);
  return Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
}

journey(
  'charts one above the other: one cursor, one window, all in the address',
  { lang: 'zh' },
  async (walk) => {
    const { page } = walk;
    await walk.open(`/station/${await airStation(walk)}?parameters=pm25,o3&span=7d`);
    const charts = page.locator('[data-part="series"] .chart');
    expect(await charts.count()).toBe(2);

    await charts.first().focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    const times = await page.locator('[data-part="readout"] .meta:first-child').allInnerTexts();
    expect(times).toHaveLength(2);
    expect(times[0]).toBe(times[1]);

    await page.keyboard.press('+');
    await page.waitForURL((url) => url.searchParams.has('from'));
    await walk.ready();
    expect(windowIn(page.url()) / HOUR_MS).toBeCloseTo((7 * 24) / 1.5, 0);
    const before = new URL(page.url()).searchParams.get('from');
    await page.keyboard.press('Shift+ArrowLeft');
    await page.waitForURL((url) => url.searchParams.get('from') !== before);
    await walk.ready();
    await page.reload();
    await walk.ready();
    await charts.nth(1).waitFor();
    expect(await charts.count()).toBe(2);
    await charts.first().focus();
    await page.keyboard.press('0');
    await page.waitForURL((url) => !url.searchParams.has('from'));

    await walk.click('.parameters [data-key="no2"]');
    expect(new URL(page.url()).searchParams.get('parameters')?.split(',')).toHaveLength(3);
    expect(await charts.count()).toBe(3);
    await walk.picture('multiples');
  },
);

journey(
  'wheel and drag move the window; before the focus the wheel is the page’s',
  { lang: 'en' },
  async (walk) => {
    const { page } = walk;
    await walk.open(`/station/${await airStation(walk)}?span=24h`);
    const plot = page.locator('.u-over').first();
    await plot.scrollIntoViewIfNeeded();
    await plot.hover();
    await page.mouse.wheel(0, -200);
    expect(new URL(page.url()).searchParams.has('from')).toBe(false);
    const box = await plot.boundingBox();
    if (!box) throw new Error('no chart');
    await plot.scrollIntoViewIfNeeded();
    const now = (await plot.boundingBox()) ?? box;
    const y = now.y + now.height / 2;
    await page.mouse.move(now.x + 100, y);
    await page.mouse.down();
    await page.mouse.move(now.x + 100 + now.width / 2, y, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL((url) => url.searchParams.has('from'));
    await walk.ready();
    expect(windowIn(page.url()) / HOUR_MS).toBeCloseTo(24, 0);
    const from = Date.parse(new URL(page.url()).searchParams.get('from') ?? '');
    expect((Date.now() - from) / HOUR_MS).toBeGreaterThan(32);
    const length = windowIn(page.url());
    await page.mouse.wheel(0, -200);
    await page.waitForFunction((limit) => {
      const { searchParams } = new URL(location.href);
      const [start, end] = [searchParams.get('from'), searchParams.get('to')];
      return Date.parse(end ?? '') - Date.parse(start ?? '') < limit;
    }, length * 0.9);
    await walk.ready();
  },
);

journey('the table has the rows of the answer, newest first', { lang: 'en' }, async (walk) => {
  const { page } = walk;
  const key = await airStation(walk);
  const streams = await walk.api<Datastream[]>(`/datastreams?place=${key}`);
  const stream = streams.find(
    ({ parameter, period, statistic }) => parameter === 'pm25' && period === 'hour' && statistic === 'mean',
  );
  if (!stream?.last) throw new Error('no hours');
  const to = Date.parse(stream.last) - HOUR_MS;
  const iso = (at: number) => `${new Date(at).toISOString().slice(0, 16)}Z`;
  const range = `from=${iso(to - 24 * HOUR_MS)}&to=${iso(to)}`;
  const readings = await walk.api<Readings>(`/readings?datastream=${String(stream.id)}&step=hour&${range}`);
  await walk.open(`/station/${key}?step=hour&${range}`);
  const details = page.locator('[data-part="series"] details').first();
  await details.locator('summary').click();
  await details.locator('tbody td').first().waitFor();
  const shown = await details.locator('tbody td:nth-child(2)').allInnerTexts();
  const values = [...readings.columns.value].reverse();
  expect(shown.map((text) => (text === 'missing' ? null : Number(text.replaceAll('\u202f', ''))))).toEqual(
    values.map((value) => (value === null ? null : Math.round(value))),
  );
});

journey('a time outside the data says where data are, and leads there', { lang: 'en' }, async (walk) => {
  await walk.open(`/station/${await airStation(walk)}?from=1999-01-01&to=1999-01-03`);
  const state = walk.page.locator('[data-part="series"] .state');
  expect(await state.innerText()).toContain('No readings in this time');
  await walk.click(state.locator('a'));
  expect(await walk.page.locator('[data-part="series"] .chart').count()).toBe(1);
});

/** A year of minutes, made here: the server's own share is measured elsewhere. */
function yearOfMinutes(from: number): Buffer {
  const rows = 365 * 24 * 60;
  const bytes = Buffer.alloc(16 + 26 * rows);
  bytes.write('SKY1');
  bytes.writeUInt32LE(rows, 4);
  for (let i = 0; i < rows; i += 1) {
    bytes.writeDoubleLE(from + i * MINUTE_MS, 16 + 8 * i);
    bytes.writeDoubleLE(i % 5000 === 0 ? Number.NaN : 60 + 50 * Math.sin(i / 700), 16 + 8 * (rows + i));
    bytes.writeDoubleLE(i + 1, 16 + 8 * (2 * rows + i));
    bytes.writeInt16LE(1, 16 + 24 * rows + 2 * i);
  }
  return bytes;
}

journey('a year of minutes comes as columns and is drawn', { lang: 'en' }, async (walk) => {
  const { page } = walk;
  await page.route('**/api/v1/readings?**format=columns**', async (route) => {
    const from = Date.parse(new URL(route.request().url()).searchParams.get('from') ?? '');
    const body = yearOfMinutes(from);
    await route.fulfill({ body, headers: { 'content-type': 'application/vnd.skyriver.columns' } });
  });
  await walk.open(`/station/${await airStation(walk)}?step=raw&span=24h`);
  const took = await page.evaluate(async () => {
    const link = [...document.querySelectorAll<HTMLElement>('.choice a')].find(
      (one) => one.innerText === '1 y',
    );
    const start = performance.now();
    link?.click();
    const drawn = () =>
      document.querySelector('[data-part="series"]')?.textContent.includes('525\u202f600 rows');
    while (!drawn()) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
  });
  await walk.ready();
  expect((await walk.colours('.chart'))['#0b6bb0'] ?? 0).toBeGreaterThan(1000);
  console.info(
    `a year of minutes: ${took.toFixed(0)} ms from click to line, with 13.7 MB through the test's hands`,
  );
});
