import { expect } from 'vitest';
import type { Capture, Neighbours } from '../src/api/station';
import type { FrameLine, IndexNow, Places } from '../src/api/contract';
import { journey, type Walk } from './rig';

/** An air station that has an index now. */
async function station(walk: Walk): Promise<string> {
  const { items } = await walk.api<IndexNow>('/index/now');
  const { places } = await walk.api<Places>('/places');
  const found = items.find(
    ({ place, aqi }) =>
      aqi !== null && places.some(({ key, kind }) => key === place && kind === 'air_station'),
  );
  if (!found) throw new Error('no air station has an index');
  return found.place;
}

journey('the capture calendar says what arrived on each day, and opens it', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  const key = await station(walk);
  await walk.open(`/station/${key}`);
  // Today still fills up; the days before are settled.
  const settledDays = async () => {
    const month = await page.locator('[data-part="capture"] .bar > span').innerText();
    const capture = await walk.api<Capture>(`/capture?place=${key}&month=${month}`);
    return capture.days.filter(({ parameters }) => parameters.pm25).slice(0, -1);
  };
  let settled = await settledDays();
  if (settled.length === 0) {
    // On the first of a month they are those of the month before, all of them.
    await walk.click('[data-part="capture"] .bar a.button');
    settled = await settledDays();
  }
  expect(settled.length).toBeGreaterThan(0);
  const cells = page.locator('[data-part="capture"] tbody tr').first().locator('td a');
  const shown = await cells.allInnerTexts();
  const wanted = settled.map(({ parameters }) => String(parameters.pm25?.have));
  expect(shown.slice(0, wanted.length)).toEqual(wanted);
  await walk.click(cells.first());
  const { searchParams } = new URL(page.url());
  expect([searchParams.get('parameters'), searchParams.get('from')]).toEqual(['pm25', settled[0]?.day]);
  await page.locator('[data-part="capture"]').scrollIntoViewIfNeeded();
  await walk.picture('capture');
});

journey('neighbours stand with direction, distance and what they measure', { lang: 'en' }, async (walk) => {
  const { page } = walk;
  const key = await station(walk);
  const { items } = await walk.api<Neighbours>(`/neighbours?place=${key}&n=8`);
  await walk.open(`/station/${key}`);
  const rows = page.locator('[data-part="neighbours"] tbody tr');
  expect(await rows.count()).toBe(items.length);
  const first = rows.first();
  const upwind = await rows.evaluateAll((all) => all.map((row) => row.textContent.includes('upwind')));
  expect(upwind).toEqual(items.map((item) => item.upwind === true));
  await page.locator('[data-part="neighbours"]').scrollIntoViewIfNeeded();
  await walk.picture('neighbours');
  await walk.click(first.locator('a[href*="/station/"]'));
  expect(new URL(page.url()).pathname).toBe(`/station/${items[0]?.place ?? ''}`);
});

journey('the device of a station shows its newest frames, each to open', { lang: 'en' }, async (walk) => {
  const { page } = walk;
  const key = await station(walk);
  await walk.open(`/station/${key}`);
  const part = page.locator('[data-part="devices"]');
  expect(await part.innerText()).toMatch(/● connected\s+MN/);
  const link = part.locator('tbody a').first();
  const sequence = (await link.innerText()).replaceAll(/\D/g, '');
  const frame = await walk.api<FrameLine>(`/frames/${sequence}`);
  expect(frame.place).toBe(key);
  await walk.click(link);
  expect(await page.locator('[data-part="hex"]').count()).toBe(1);
  await walk.click('[data-part="older"]');
  const older = /frame\/(\d+)/.exec(page.url())?.[1];
  expect(Number(older)).toBeLessThan(Number(sequence));
});

journey('a water site has the class of its water, and no index of the air', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  const { places } = await walk.api<Places>('/places');
  const site = places.find(({ kind }) => kind === 'water_site');
  if (!site) throw new Error('no water site');
  await walk.open(`/station/${site.key}`);
  expect(await page.locator('[data-part="water-now"]').count()).toBe(1);
  expect(await page.locator('#how').count()).toBe(0);
  expect(await page.locator('[data-part="series"] .chart').count()).toBeGreaterThan(0);
  await walk.picture('water-site');
});
