import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import type { AirIndex, District, IndexNow, Places } from '../src/api/contract';
import { journey, type Walk } from './rig';

const SIZE = { width: 960, height: 600 };

/** What the map page leaves on the window in tests. */
declare global {
  interface Window {
    __skyriver_map?: import('maplibre-gl').Map;
  }
}

/** Colours on the canvas at places of the registry, a little left of the numeral, as `#RRGGBB`. */
async function coloursAt(page: Page, places: { key: string; lon: number; lat: number }[]): Promise<string[]> {
  return page.evaluate(async (wanted) => {
    const map = window.__skyriver_map;
    if (!map) throw new Error('the page shows no map');
    return new Promise<string[]>((resolve) => {
      map.once('render', () => {
        const canvas = map.getCanvas();
        const gl = canvas.getContext('webgl2');
        if (!gl) throw new Error('no WebGL');
        const scale = canvas.width / canvas.clientWidth;
        resolve(
          wanted.map(({ lon, lat }) => {
            const at = map.project([lon, lat]);
            const pixel = new Uint8Array(4);
            const x = Math.round((at.x - 4) * scale);
            const y = Math.round(canvas.height - (at.y - 7) * scale);
            gl.readPixels(x, y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
            const hex = [...pixel.slice(0, 3)].map((byte) => byte.toString(16).padStart(2, '0'));
            return `#${hex.join('')}`.toUpperCase();
          }),
        );
      });
      map.triggerRepaint();
    });
  }, places);
}

/** Stations that have an index and that no other station or its name covers, with what the API says of them. */
async function clearStations(walk: Walk) {
  const { places } = await walk.api<Places>('/places');
  const { items } = await walk.api<IndexNow>('/index/now');
  const stations = places.filter(({ kind }) => kind === 'air_station');
  const pixels = await walk.page.evaluate(
    (all) => all.map(({ lon, lat }) => ({ ...window.__skyriver_map?.project([lon, lat]) })),
    stations,
  );
  const far = (i: number, j: number) =>
    Math.hypot((pixels[i]?.x ?? 0) - (pixels[j]?.x ?? 0), (pixels[i]?.y ?? 0) - (pixels[j]?.y ?? 0));
  const found = stations.flatMap((place, i) => {
    const isClear = stations.every((_, j) => i === j || far(i, j) > 50);
    const item = items.find((one) => one.place === place.key);
    return isClear && item?.level != null ? [{ place, item, level: item.level }] : [];
  });
  expect(found.length, 'stations to look at').toBeGreaterThan(2);
  return found;
}

for (const [lang, theme] of [
  ['zh', 'light'],
  ['zh', 'dark'],
  ['en', 'light'],
  ['en', 'dark'],
] as const) {
  journey(
    'each dot has the colour of the class that the API gives',
    { lang, theme, size: SIZE },
    async (walk) => {
      await walk.open('/');
      const { categories } = await walk.api<AirIndex>('/standards/air-index');
      const judged = await clearStations(walk);
      expect(judged.length).toBeGreaterThan(2);
      const wanted = judged.map(({ item }) => categories.find((one) => one.level === item.level)?.colour);
      const seen = await coloursAt(
        walk.page,
        judged.map(({ place }) => place),
      );
      expect(seen).toEqual(wanted);
      await walk.picture('map');
    },
  );
}

journey(
  'the colour-safe switch recolours every class and keeps numeral and word',
  { lang: 'zh', size: SIZE },
  async (walk) => {
    await walk.open('/');
    const judged = await clearStations(walk);
    const places = judged.map(({ place }) => place);
    const before = await coloursAt(walk.page, places);
    const words = await walk.page.locator('aside ol').first().innerText();
    await walk.click('header button[aria-label="色觉友好配色"]');
    const after = await coloursAt(walk.page, places);
    expect(after.filter((colour, i) => colour === before[i])).toEqual([]);
    expect(await walk.page.locator('aside ol').first().innerText()).toBe(words);
  },
);

journey('the list “in view” holds what is on the map', { lang: 'zh', size: SIZE }, async (walk) => {
  const { bbox } = await walk.api<District>('/district');
  const { places } = await walk.api<Places>('/places');
  const [lon, lat] = [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2];
  await walk.open(`/?panel=view&at=${lat.toFixed(4)},${lon.toFixed(4)},12.5`);
  const bounds = await walk.page.evaluate(() => window.__skyriver_map?.getBounds().toArray());
  const [[w, s], [e, n]] = bounds as [[number, number], [number, number]];
  const wanted = places
    .filter((one) => one.lon >= w && one.lon <= e && one.lat >= s && one.lat <= n)
    .map(({ key }) => key);
  const rows = walk.page.locator('[data-part="in-view"] li');
  const listed = await rows.evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset.key));
  expect(listed.sort()).toEqual(wanted.slice(0, 200).sort());
  expect(wanted.length).toBeLessThan(places.length);
});

journey('a new hour repaints its dot, without a reload', { lang: 'zh', size: SIZE }, async (walk) => {
  const { categories } = await walk.api<AirIndex>('/standards/air-index');
  let news: IndexNow['items'] = [];
  // The server's own answers, with the news written over them once there are any.
  await walk.page.route('**/api/v1/index/now', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as IndexNow;
    const items = body.items.map((item) => news.find(({ place }) => place === item.place) ?? item);
    await route.fulfill({ response: answer, json: { ...body, items } });
  });
  // A stream that ends after each word, so that the page comes back for the next one.
  await walk.page.route('**/api/v1/events', async (route) => {
    const body = `event: index\ndata: ${JSON.stringify({ items: news })}\n\n`;
    await route.fulfill({ contentType: 'text/event-stream', body });
  });
  await walk.open('/');
  const [first] = await clearStations(walk);
  if (!first) throw new Error('no station with an index');
  const level = first.item.level === 6 ? 1 : 6;
  news = [{ ...first.item, level, aqi: 42 }];
  const wanted = [categories.find((one) => one.level === level)?.colour];
  await expect.poll(() => coloursAt(walk.page, [first.place])).toEqual(wanted);
});

journey(
  'when the stream is lost a strip says since when and counts down',
  { lang: 'en', size: SIZE },
  async (walk) => {
    await walk.page.route('**/api/v1/events', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: ': bye\n\n' }),
    );
    await walk.open('/');
    const strip = walk.page.locator('.strip p');
    await strip.waitFor();
    expect(await strip.innerText()).toMatch(/trying again in \d+ s/);
    await walk.page.unroute('**/api/v1/events');
    await walk.page.locator('.strip button').click();
    await strip.waitFor({ state: 'detached' });
  },
);

for (const width of [320, 768, 1024, 1440]) {
  journey(
    `nothing sticks out at ${String(width)} px`,
    { lang: 'en', size: { width, height: 600 } },
    async (walk) => {
      await walk.open('/');
      expect(await walk.sticksOut()).toEqual([]);
      await walk.picture(`map-${String(width)}`);
    },
  );
}

journey('the legend tells how sure the field is, and a place what the field says there', {}, async (walk) => {
  await walk.open('/?p=pm25');
  await walk.page.locator('.legend > summary').click();
  const legend = walk.page.locator('.legend');
  expect(await legend.innerText()).toContain('90 % 区间');
  await walk.picture('field');
  const { places } = await walk.api<Places>('/places');
  const station = places.find(({ kind }) => kind === 'air_station');
  await walk.open(`/?p=pm25&place=${station?.key ?? ''}`);
  expect(await walk.page.locator('aside, [aria-label="面板"]').first().innerText()).toMatch(
    /浓度场在此：\d+.*（\d+.*–\d+.*）/,
  );
});
