import { expect } from 'vitest';
import type { Frames, Strip } from '../src/api/map';
import { journey, type Walk } from './rig';
import { dotsOn } from './map';

const HOUR_MS = 3_600_000;
const SIZE = { width: 960, height: 600 };

const nameOf = (hour: number) => `${new Date(hour).toISOString().slice(0, 13).replaceAll('-', '')}Z`;
const hourOf = (walk: Walk) => new URL(walk.page.url()).searchParams.get('t');

/** An hour of the last days in which the district was judged, and what the API says of it. */
async function judgedHour(walk: Walk) {
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const span = `from=${new Date(now - 48 * HOUR_MS).toISOString()}&to=${new Date(now).toISOString()}`;
  const strip = await walk.api<Strip>(`/map/strip?${span}`);
  const item = strip.items.toReversed().find((one, i) => i > 12 && one.aqi !== null);
  if (!item) throw new Error('the district was not judged in the last two days');
  const hour = Date.parse(item.start);
  const one = `from=${nameOf(hour) && new Date(hour).toISOString()}&to=${new Date(hour + HOUR_MS).toISOString()}`;
  return { item, hour, frames: await walk.api<Frames>(`/map/frames?parameter=aqi&${one}`) };
}

journey(
  'the hour of the address shows in map, panel and timeline',
  { lang: 'zh', size: SIZE },
  async (walk) => {
    await walk.open('/');
    const { item, hour, frames } = await judgedHour(walk);
    await walk.open(`/?t=${nameOf(hour)}`);
    expect(await walk.page.locator('aside .key').first().innerText()).toContain(String(item.aqi));
    expect(await walk.page.locator('[role="slider"]').getAttribute('aria-valuetext')).toContain(
      `AQI ${String(item.aqi)}`,
    );
    const dots = await dotsOn(walk, 'air_station');
    const wanted = new Map(frames.places.map((place, i) => [place, Number(frames.levels[i]?.[0])]));
    const shown = dots.filter(({ key }) => wanted.has(key));
    expect(shown.length, 'stations on the map').toBeGreaterThan(2);
    for (const { key, level } of shown) expect(level, key).toBe(wanted.get(key));
    await walk.picture('timeline-past');
  },
);

journey('keys step the hour, and n comes back to now', { lang: 'en', size: SIZE }, async (walk) => {
  await walk.open('/');
  const hour = async () => walk.page.locator('[data-part="hour"]').count();
  expect(await hour()).toBe(0);
  const panel = walk.page.locator('aside');
  const before = await panel.innerText();
  for (let i = 0; i < 12; i += 1) await walk.page.keyboard.press('[');
  await expect.poll(() => hourOf(walk)).not.toBeNull();
  await walk.ready();
  expect(await hour()).toBe(1);
  await expect.poll(() => panel.innerText()).not.toBe(before);
  await walk.page.keyboard.press(']');
  await walk.page.keyboard.press('n');
  await expect.poll(() => hourOf(walk)).toBeNull();
  expect(await hour()).toBe(0);
});

journey('the slider moves by its own keys and by dragging', { lang: 'zh', size: SIZE }, async (walk) => {
  await walk.open('/?w=7d');
  const slider = walk.page.locator('[role="slider"]');
  await slider.focus();
  await walk.page.keyboard.press('PageDown');
  await expect.poll(() => hourOf(walk)).not.toBeNull();
  const first = hourOf(walk);
  const box = await slider.boundingBox();
  if (!box) throw new Error('no slider');
  await walk.page.mouse.move(box.x + box.width * 0.8, box.y + 20);
  await walk.page.mouse.down();
  for (let i = 0; i <= 10; i += 1)
    await walk.page.mouse.move(box.x + box.width * (0.8 - i * 0.03), box.y + 20);
  await walk.page.mouse.up();
  await expect.poll(() => hourOf(walk)).not.toBe(first);
  await walk.ready();
  const shown = await slider.getAttribute('aria-valuenow');
  expect(Number(shown)).toBeGreaterThan(0.4 * 168);
  expect(Number(shown)).toBeLessThan(0.6 * 168);
  await walk.page.keyboard.press('End');
  await expect.poll(() => hourOf(walk)).toBeNull();
});

journey('one request per window: scrubbing asks for no hours', { lang: 'zh', size: SIZE }, async (walk) => {
  await walk.open('/?w=24h');
  const asked: string[] = [];
  walk.page.on('request', (request) => {
    if (/\/map\/(frames|strip)/.test(request.url())) asked.push(request.url());
  });
  for (let i = 0; i < 8; i += 1) await walk.page.locator('[role="slider"]').press('ArrowLeft');
  await walk.ready();
  expect(asked).toEqual([]);
  expect(hourOf(walk)).not.toBeNull();
});

journey('play runs forward and ends now', { lang: 'en', size: SIZE }, async (walk) => {
  await walk.open('/?w=6h');
  await walk.page.selectOption('.timeline select >> nth=0', '10');
  await walk.page.getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => hourOf(walk)).not.toBeNull();
  await expect.poll(() => hourOf(walk)).toBeNull();
  await walk.page.getByRole('button', { name: 'Play' }).waitFor();
});

journey(
  'a time without data says so, and a value that is none is named and ignored',
  { lang: 'en', size: SIZE },
  async (walk) => {
    await walk.open('/?t=20010101T00Z');
    expect(await walk.page.locator('.notices').innerText()).toContain('no data');
    await walk.page.getByRole('button', { name: 'Back to live' }).first().click();
    await expect.poll(() => hourOf(walk)).toBeNull();
    await walk.open('/?t=yesterday&p=gold&at=9,9&layers=sky');
    const said = await walk.page.locator('[data-part="ignored"]').innerText();
    for (const part of ['t=yesterday', 'p=gold', 'at=9,9', 'layers=sky']) expect(said).toContain(part);
    expect((await dotsOn(walk, 'air_station')).length).toBeGreaterThan(2);
  },
);

journey('the hours are a table too', { lang: 'zh', size: SIZE }, async (walk) => {
  await walk.open('/?w=24h');
  await walk.page.getByRole('button', { name: '列表' }).click();
  expect(await walk.page.locator('dialog tbody tr').count()).toBe(24);
  await walk.expectClean();
  await walk.page.keyboard.press('Escape');
});
