import { expect } from 'vitest';
import type { IndexNow } from '../src/api/contract';
import { journey, type Walk } from './rig';

const WALL = { width: 1920, height: 1080 };
/** Sixtyfold replay in seconds: short here, ten minutes by `npm run soak`. */
const SOAK_S = Number(process.env.TEST_SOAK_S ?? '12');

for (const lang of ['zh', 'en'] as const) {
  journey(
    'the wall tells the index, the time of its data and the last day',
    { lang, theme: 'dark', size: WALL },
    async (walk) => {
      const { page } = walk;
      await walk.open('/screen');
      const { district } = await walk.api<IndexNow>('/index/now');
      expect(await page.locator('.head').innerText()).toContain(String(district.aqi));
      expect(await page.locator('[data-part="as-of"]').innerText()).toMatch(/\d/);
      expect(await page.locator('.replay li').count()).toBe(24);
      const smallest = await page.evaluate(() => {
        const screen = document.querySelector('.screen');
        const texts = [...(screen?.querySelectorAll('*') ?? [])].filter(
          (one) =>
            !one.closest('.unseen, sub, .maplibregl-map') &&
            [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
        );
        const zoom = screen?.currentCSSZoom ?? 1;
        return Math.min(...texts.map((one) => Number.parseFloat(getComputedStyle(one).fontSize) * zoom));
      });
      expect(smallest).toBeGreaterThanOrEqual(27.9);
      await walk.picture('screen');
    },
  );
}

journey(
  'pages of the wall turn by key and by button, and stand still under reduced motion',
  { lang: 'en', size: WALL },
  async (walk) => {
    const { page } = walk;
    await walk.open('/screen');
    const shown = () => page.locator('section[data-page]').getAttribute('data-page');
    expect(await shown()).toBe('pollutants');
    expect(await page.locator('.turns button[aria-pressed="true"]').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    expect(await shown()).toBe('rivers');
    await walk.click('.turns button:nth-of-type(2)');
    expect(await shown()).toBe('stations');
    for (const [name, has] of [
      ['targets', '[data-light]'],
      ['progress', 'svg'],
      ['ranks', 'ol li'],
    ] as const) {
      await page.keyboard.press('ArrowRight');
      expect(await shown()).toBe(name);
      await page.waitForSelector(`section[data-page="${name}"] ${has}`);
      await walk.picture(`screen-${name}`);
    }
    await page.keyboard.press('ArrowRight');
    expect(await shown()).toBe('pollutants');
  },
);

/** Bytes of script objects after a collection. */
async function heap(walk: Walk): Promise<number> {
  const session = await walk.page.context().newCDPSession(walk.page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

journey(
  'memory of the wall stays flat at sixtyfold speed',
  { lang: 'zh', theme: 'dark' },
  async (walk) => {
    const { page } = walk;
    await walk.open('/screen?speed=60');
    await page.locator('.turns button[aria-pressed]').click();
    /** Until the replay has gone round: what is made once is made. */
    await page.waitForFunction(
      () => Number(document.querySelector('.screen')?.getAttribute('data-played')) > 1000,
      undefined,
      // A wait, no measure: two busy cores that draw by software take minutes for it.
      { timeout: 300_000 },
    );
    // What is on its way makes the heap breathe; only the least of some looks tells what stays.
    const least = async (seconds: number): Promise<number> => {
      const looks: number[] = [];
      const start = await page.evaluate(() => performance.now());
      for (let look = 1; look <= 4; look += 1) {
        const until = start + (look * seconds * 1000) / 4;
        await page.waitForFunction((end) => performance.now() > end, until, {
          timeout: seconds * 1000 + 60_000,
          polling: 250,
        });
        looks.push(await heap(walk));
      }
      return Math.min(...looks);
    };
    const nodes = () => page.evaluate(() => document.querySelectorAll('*').length);
    const before = await least(12);
    /** The page with most nodes counts: pages differ, and what stays behind adds up. */
    const most = async (): Promise<number> => {
      const counts: number[] = [];
      for (let look = 0; look < 12; look += 1) {
        counts.push(await nodes());
        await page.waitForTimeout(250);
      }
      return Math.max(...counts);
    };
    const nodesBefore = await most();
    for (let left = SOAK_S; left > 0; left -= 60) {
      const now = await least(Math.min(left, 60));
      console.log(`heap of the wall: ${(now / 1e6).toFixed(1)} MB (began with ${(before / 1e6).toFixed(1)})`);
      expect(now / before).toBeLessThan(1.3);
      const nodesNow = await most();
      console.log(`nodes of the wall: ${String(nodesNow)} (began with ${String(nodesBefore)})`);
      expect(nodesNow / nodesBefore).toBeLessThan(1.1);
    }
  },
  SOAK_S * 1000 + 420_000,
);
