import { expect } from 'vitest';
import type { Explain, Frame, IndexNow, Places } from '../src/api/contract';
import { journey, type Walk } from './rig';

/** An air station that has an index now. */
async function judgedStation(walk: Walk) {
  const { places } = await walk.api<Places>('/places');
  const { items } = await walk.api<IndexNow>('/index/now');
  for (const place of places) {
    const item = items.find((one) => one.place === place.key);
    if (place.kind === 'air_station' && item?.aqi != null && item.hour)
      return { place, item, hour: item.hour };
  }
  throw new Error('no air station has an index');
}

for (const lang of ['zh', 'en'] as const) {
  journey('from the map to the raw frame: station, index, reading, bytes', { lang }, async (walk) => {
    const { page } = walk;
    const { place, hour } = await judgedStation(walk);
    await walk.open('/');
    const at = await page.evaluate(
      ({ lon, lat }) => {
        const map = window.__skyriver_map;
        const box = map?.getCanvas().getBoundingClientRect();
        const point = map?.project([lon, lat]);
        return { x: (box?.x ?? 0) + (point?.x ?? 0), y: (box?.y ?? 0) + (point?.y ?? 0) };
      },
      { lon: place.lon, lat: place.lat },
    );
    await page.mouse.click(at.x, at.y);
    await page.waitForURL((url) => url.searchParams.get('place') === place.key);
    await walk.click('aside a.button[href^="/station/"]');
    expect(new URL(page.url()).pathname).toBe(`/station/${place.key}`);
    expect(await page.locator('h1').innerText()).toBe(place.name[lang] || place.name.zh);

    const explain = await walk.api<Explain>(`/index/explain?place=${place.key}&period=hour&start=${hour}`);
    expect(await page.locator('[data-part="sentence"]').innerText()).toContain(explain.sentence[lang]);
    const table = page.locator('[data-part="how"]');
    for (const row of explain.rows) {
      const shown = await table.locator(`tbody[data-pollutant="${row.pollutant}"]`).innerText();
      if (row.rounded !== null) expect(shown).toContain(row.rounded);
      if (row.iaqi !== null) expect(shown).toContain(String(row.iaqi));
    }

    const row = explain.rows.find(({ inputs, iaqi }) => iaqi !== null && inputs.length > 0);
    if (!row) throw new Error('no pollutant has inputs');
    const body = table.locator(`tbody[data-pollutant="${row.pollutant}"]`);
    await body.locator('button').click();
    await walk.picture('station');
    const first = body.locator('[data-part="inputs"] a').first();
    expect(await body.locator('[data-part="inputs"] li').count()).toBe(row.inputs.length);
    await walk.expectClean();
    await walk.click(first);

    const sequence = /\/ledger\/frame\/(\d+)/.exec(page.url())?.[1];
    expect(sequence).toBe(String(row.inputs[0]?.sequence));
    const frame = await walk.api<Frame>(`/frames/${String(sequence)}`);
    const cells = await page
      .locator('[data-part="hex"] td[data-at]')
      .evaluateAll((all) => all.map((cell) => (cell.firstChild?.textContent ?? '').trim()));
    expect(cells.join('').toLowerCase()).toBe(frame.hex.toLowerCase());
    await walk.picture('frame');
  });
}

journey('the address keeps the view: reload, back and the other language', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  const { place } = await judgedStation(walk);
  await walk.open(`/station/${place.key}?step=raw&parameter=pm10&span=24h`);
  const chosen = () => page.locator('.choice [aria-current="true"]').allInnerTexts();
  const select = () => page.locator('.parameters [aria-pressed="true"]').getAttribute('data-key');
  expect([await select(), ...(await chosen())]).toEqual(['pm10', '小时', '原始', '订正后', '24 小时']);
  await walk.click('header button[lang="en"]');
  expect([await select(), ...(await chosen())]).toEqual(['pm10', 'Hour', 'Raw', 'Corrected', '24 h']);
  await page.reload();
  await walk.ready();
  expect([await select(), ...(await chosen())]).toEqual(['pm10', 'Hour', 'Raw', 'Corrected', '24 h']);
  await walk.click(page.getByRole('link', { name: '7 d' }));
  await page.goBack();
  await walk.ready();
  expect(await chosen()).toEqual(['Hour', 'Raw', 'Corrected', '24 h']);
});

journey('each newest reading opens the frame that brought it', { lang: 'en' }, async (walk) => {
  const { place } = await judgedStation(walk);
  await walk.open(`/station/${place.key}`);
  const links = walk.page.locator('dl a[href*="/ledger/frame/"]');
  const sequences = await links.evaluateAll((all) =>
    all.map((link) => /frame\/(\d+)/.exec((link as HTMLAnchorElement).pathname)?.[1] ?? ''),
  );
  expect(sequences.length).toBeGreaterThan(3);
  for (const sequence of new Set(sequences)) {
    const frame = await walk.api<Frame>(`/frames/${sequence}`);
    expect(frame.place).toBe(place.key);
    expect(frame.readings.length).toBeGreaterThan(0);
  }
});

journey('a station that nobody registered is said to be none', { lang: 'en' }, async (walk) => {
  await walk.open('/');
  await walk.page.evaluate(() => {
    history.pushState(null, '', `/station/nowhere${location.search}`);
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await walk.page.locator('[role="alert"]').first().waitFor();
  expect(await walk.page.locator('[role="alert"]').first().innerText()).toContain('nowhere');
});

for (const theme of ['light', 'dark'] as const) {
  journey('the station is drawn: a line where there are readings', { lang: 'zh', theme }, async (walk) => {
    const { place } = await judgedStation(walk);
    await walk.open(`/station/${place.key}?step=hour&span=7d&parameter=pm25`);
    const line = theme === 'light' ? '#0b6bb0' : '#5ab0f0';
    expect((await walk.colours('.chart'))[line] ?? 0).toBeGreaterThan(50);
    expect(await walk.sticksOut()).toEqual([]);
    await walk.picture('series');
  });
}
