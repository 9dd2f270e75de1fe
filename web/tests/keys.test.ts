import { expect } from 'vitest';
import type { Places } from '../src/api/contract';
import { journey } from './rig';

const SIZE = { width: 1280, height: 720 };

journey('help lists every key, and the switch turns them off', { lang: 'en', size: SIZE }, async (walk) => {
  await walk.open('/');
  await walk.page.keyboard.press('?');
  const dialog = walk.page.locator('dialog[open]');
  await dialog.waitFor();
  const text = await dialog.innerText();
  for (const word of [
    'Search',
    'Go to the ledger',
    'One hour back',
    'Play, pause',
    'Back to live',
    'List: next row',
  ]) {
    expect(text).toContain(word);
  }
  await walk.expectClean();
  await dialog.locator('input[type="checkbox"]').click();
  await walk.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await walk.page.keyboard.press('g');
  await walk.page.keyboard.press('l');
  await walk.page.keyboard.press('[');
  expect(new URL(walk.page.url()).pathname).toBe('/');
  expect(new URL(walk.page.url()).searchParams.get('t')).toBeNull();
});

journey(
  'a reader with only a keyboard finds a place, opens it and comes back',
  { lang: 'zh', size: SIZE },
  async (walk) => {
    await walk.open('/');
    const { places } = await walk.api<Places>('/places');
    const station = places.find(({ kind }) => kind === 'air_station');
    if (!station) throw new Error('no station');
    await walk.page.keyboard.press('/');
    await walk.page.keyboard.type(station.name.zh);
    const option = walk.page.locator('[role="option"]').first();
    await option.waitFor();
    expect(await option.innerText()).toContain(station.name.zh);
    await walk.page.keyboard.press('Enter');
    await walk.ready();
    expect(new URL(walk.page.url()).searchParams.get('place')).toBe(station.key);
    await walk.page.getByRole('heading', { name: station.name.zh }).waitFor();
    await walk.page.keyboard.press('Escape');
    await expect.poll(() => new URL(walk.page.url()).searchParams.get('place')).toBeNull();
  },
);

journey('j, k and Enter walk through a list', { lang: 'en', size: SIZE }, async (walk) => {
  await walk.open('/?panel=view');
  const focused = () => walk.page.evaluate(() => document.activeElement?.closest('li')?.dataset.key ?? null);
  const keys = await walk.page
    .locator('[data-part="in-view"] li')
    .evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset.key));
  await walk.page.keyboard.press('j');
  await walk.page.keyboard.press('j');
  expect(await focused()).toBe(keys[1]);
  await walk.page.keyboard.press('k');
  expect(await focused()).toBe(keys[0]);
  await walk.page.keyboard.press('Enter');
  await expect.poll(() => new URL(walk.page.url()).searchParams.get('place')).toBe(keys[0]);
});

journey(
  'g and a letter go to a page, and the skip link leads to its content',
  { lang: 'en', size: SIZE },
  async (walk) => {
    await walk.open('/');
    await walk.page.keyboard.press('g');
    await walk.page.keyboard.press('l');
    await expect.poll(() => new URL(walk.page.url()).pathname).toBe('/ledger');
    await walk.ready();
    await walk.page.keyboard.press('g');
    await walk.page.keyboard.press('m');
    await expect.poll(() => new URL(walk.page.url()).pathname).toBe('/');
    await walk.ready();
    await walk.page.locator('a.skip').focus();
    await walk.page.keyboard.press('Enter');
    expect(await walk.page.evaluate(() => document.activeElement?.id)).toBe('main');
  },
);

journey('the panel is made wider by keys, and folds', { lang: 'en', size: SIZE }, async (walk) => {
  await walk.open('/');
  const aside = walk.page.locator('aside');
  const wide = async () => (await aside.boundingBox())?.width ?? 0;
  const before = await wide();
  await walk.page.locator('[role="separator"]').focus();
  await walk.page.keyboard.press('ArrowLeft');
  expect(await wide()).toBeGreaterThan(before);
  await walk.page.keyboard.press('Home');
  expect(Math.round(await wide())).toBeGreaterThan(600);
  await walk.page.keyboard.press('Escape');
  await aside.waitFor({ state: 'hidden' });
  await walk.page.locator('button.fold').click();
  await aside.waitFor();
});

journey('every control of the map page is reached by Tab', { lang: 'zh', size: SIZE }, async (walk) => {
  await walk.open('/');
  const wanted = await walk.page.evaluate(
    () =>
      [
        ...document.querySelectorAll<HTMLElement>(
          'header button, nav a, .timeline button, .timeline select, [role="slider"]',
        ),
      ].filter((one) => one.offsetParent !== null && !(one as HTMLButtonElement).disabled).length,
  );
  const seen = new Set<string>();
  for (let i = 0; i < 140; i += 1) {
    await walk.page.keyboard.press('Tab');
    const name = await walk.page.evaluate(() => {
      const at = document.activeElement;
      const all = [
        ...document.querySelectorAll(
          'header button, nav a, .timeline button, .timeline select, [role="slider"]',
        ),
      ];
      return at && all.includes(at) ? String(all.indexOf(at)) : '';
    });
    if (name) seen.add(name);
    if (seen.size === wanted) break;
  }
  expect(seen.size).toBe(wanted);
});
