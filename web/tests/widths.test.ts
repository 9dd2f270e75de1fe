/**
 * Every page at every width: nothing sticks out, is cut off, lies on top of other text, or has no glyph; the
 * keyboard comes everywhere. Pictures for a person to look at go to `TEST_SHOTS`, or a temporary folder.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { FrameLine, Places } from '../src/api/contract';
import { words } from '../src/words';
import { raw, tofu, unreached, unreadable } from './measure';
import { journey, type Walk } from './rig';

const WIDTHS = [320, 768, 1024, 1440, 1920, 3840];
const SHOTS = process.env.TEST_SHOTS ?? mkdtempSync(join(tmpdir(), 'skyriver-shots-'));
mkdirSync(SHOTS, { recursive: true });

afterAll(() => {
  console.log(`pictures of every page at every width: ${SHOTS}`);
});

const station = async (walk: Walk): Promise<string> => {
  const { places } = await walk.api<Places>('/places');
  return places.find(({ kind }) => kind === 'air_station')?.key ?? '';
};

/** Addresses by the names of their pictures. */
const PAGES: Record<string, (walk: Walk) => Promise<string> | string> = {
  map: () => '/',
  station: async (walk) => `/station/${await station(walk)}`,
  ledger: () => '/ledger',
  frame: async (walk) => {
    const frames = await walk.api<FrameLine[]>('/frames?limit=1');
    return `/ledger/frame/${String(frames[0]?.sequence)}`;
  },
  assessment: () => '/assessment',
  rivers: () => '/rivers',
  emergency: () => '/emergency',
  screen: () => '/screen',
  public: () => '/public',
  parts: () => '/dev/parts',
  admin: () => '/admin',
  entry: async (walk) => `/admin/places/${await station(walk)}`,
  import: () => '/admin/import',
  'sign-in': () => '/sign-in',
  setup: () => '/setup',
  nowhere: () => '/no-such-page',
};

for (const [name, address] of Object.entries(PAGES)) {
  for (const [lang, theme] of [
    ['zh', 'light'],
    ['en', 'dark'],
  ] as const) {
    journey(`${name} holds at every width (${lang}, ${theme})`, { lang, theme }, async (walk) => {
      const { page } = walk;
      await walk.open(await address(walk));
      const title = await page.locator('h1').first().innerText();
      expect(title === words['nowhere.title'][lang], 'the page exists').toBe(name === 'nowhere');
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width === 3840 ? 1080 : 900 });
        await walk.ready();
        await page.screenshot({ path: join(SHOTS, `${name}-${String(width)}-${lang}-${theme}.png`) });
        const at = `at ${String(width)}`;
        expect(await walk.sticksOut(), `sticks out ${at}`).toEqual([]);
        expect(await unreadable(page), `cannot be read ${at}`).toEqual([]);
      }
      expect(await raw(page), 'keys instead of words').toEqual([]);
      expect(await tofu(page), 'letters without a glyph').toEqual([]);
      await page.setViewportSize({ width: 1440, height: 900 });
      await walk.ready();
      if (lang === 'zh') expect(await unreached(page), 'not reached by tab').toEqual([]);
    });
  }
}
