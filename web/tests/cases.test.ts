/** Cases on the desktop: from a report to a score, each by who may, with words where somebody may not. */
import { expect } from 'vitest';
import type { Places } from '../src/api/contract';
import type { components } from '../src/api/types';
import { Caller, journey, type Walk } from './rig';

type CaseAnswer = components['schemas']['CaseAnswer'];
const SIZE = { width: 1280, height: 800 };
const MARKUP = '<img src=x onerror="document.title=1"> & <b>bold</b>';

async function siteKey(walk: Walk): Promise<string> {
  const { places } = await walk.api<Places>('/places');
  const key = places.find(({ kind }) => kind === 'dust_site')?.key;
  if (!key) throw new Error('no dust site');
  return key;
}

/** Makes a move by its form, and waits until it is made. */
async function move(walk: Walk, name: string, note = ''): Promise<void> {
  await walk.click(`[data-move="${name}"]`);
  if (note !== '') await walk.page.locator('textarea[name="note"]').fill(note);
  await walk.click(`[data-form="${name}"] button[type="submit"]`);
  await walk.page.locator('[data-part="made"]').waitFor();
}

for (const lang of ['zh', 'en'] as const) {
  journey(
    `a report becomes a case, is handled, verified by somebody else and scored (${lang})`,
    { lang, size: SIZE, theme: lang === 'zh' ? 'light' : 'dark' },
    async (walk) => {
      const { page } = walk;
      const handler = await Caller.signIn('handler');
      const id = () => crypto.randomUUID();

      await walk.signIn('dispatcher');
      await walk.open('/cases/new');
      await page.locator('select[name="category"]').selectOption('dust-site');
      await page.locator('textarea[name="text"]').fill(MARKUP);
      await page.locator('select[name="place"]').selectOption(await siteKey(walk));
      await walk.click('[data-form="case"] button[type="submit"]');
      await page.locator('[data-part="case"]').waitFor();
      await walk.ready();
      const number = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(number).toMatch(/^\d{4}-\d{6}$/);
      // Markup in a text is shown as text.
      expect(await page.locator('.lead').innerText()).toBe(MARKUP);
      expect(await page.locator('main img').count()).toBe(0);
      // What may not be done now says why.
      await walk.click('[data-part="moves"] summary');
      expect((await page.locator('[data-shut="pass"]').innerText()).length).toBeGreaterThan(8);

      await move(walk, 'file', 'looked at');
      await walk.click('[data-move="dispatch"]');
      await page.locator('select[name="unit"]').selectOption('enforcement');
      await walk.click('[data-form="dispatch"] button[type="submit"]');
      await page.locator('.head [data-clock]').waitFor();
      await walk.picture('case');
      await walk.expectClean();
      expect(await walk.sticksOut()).toEqual([]);

      // Somebody else works on it: the open page hears of it.
      await handler.ask('POST', `/cases/${number}/moves`, { id: id(), move: 'accept' });
      await page.locator('[data-step="accept"]').waitFor();
      await handler.ask('POST', `/cases/${number}/moves`, { id: id(), move: 'feed_back', note: 'covered' });
      await page.locator('[data-step="feed_back"]').waitFor();

      await walk.signIn('verifier');
      await walk.open(`/cases/${number}`);
      await move(walk, 'pass', 'seen on site');
      await page.locator('[data-step="pass"]').waitFor();
      await walk.open('/cases/scores');
      const row = page.locator('[data-unit="enforcement"]');
      expect(await row.locator('[data-list="closed"] summary').innerText()).toMatch(/\d/);
      await row.locator('[data-list="closed"] summary').click();
      await row.locator(`[data-list="closed"] a[href*="${number}"]`).waitFor();
      await walk.picture('scores');
    },
    90_000,
  );
}

journey(
  'whoever handled a case is told that somebody else verifies it, and a late move says what changed',
  { lang: 'en', size: SIZE, forgiven: /409|ERR_FAILED/ },
  async (walk) => {
    const { page } = walk;
    const [operator, dispatcher] = [await Caller.signIn('operator'), await Caller.signIn('dispatcher')];
    const number = await operator.dispatched(dispatcher, 'two at once', await siteKey(walk));
    await walk.signIn('handler');
    await walk.open(`/cases/${number}`);
    await move(walk, 'accept');
    await walk.click('[data-move="feed_back"]');
    await page.locator('textarea[name="note"]').fill('done, but somebody was faster');
    // The page does not hear of the change: it is sent with the version that was seen.
    await page.route('**/api/v1/cases/*', (route) => route.abort());
    const other = await Caller.signIn('operator');
    await other.ask('POST', `/cases/${number}/moves`, {
      id: crypto.randomUUID(),
      move: 'comment',
      note: 'a word in between',
    });
    await page.unroute('**/api/v1/cases/*');
    const sent = page.waitForResponse((answer) => answer.url().endsWith('/moves'));
    await walk.click('[data-form="feed_back"] button[type="submit"]');
    if ((await sent).status() === 409) {
      expect(await page.locator('[role="alert"]').first().innerText()).toContain('operator comment');
      expect(await page.locator('textarea[name="note"]').inputValue()).toContain('somebody was faster');
      await walk.click('[data-form="feed_back"] button[type="submit"]');
    }
    await page.locator('[data-step="feed_back"]').waitFor();
    const { moves } = await other.ask<CaseAnswer>('GET', `/cases/${number}`);
    expect(moves.find(({ move: name }) => name === 'pass')?.allowed).toBe(false);
    expect(await page.locator('[data-move="pass"]').count()).toBe(0);
    expect(await page.locator('[data-part="moves"]').innerText()).toContain('Not now:');
  },
);

journey(
  'board, table and map are walked with the keyboard, and the filter is in the address',
  { lang: 'zh', size: SIZE },
  async (walk) => {
    const { page } = walk;
    const [operator, dispatcher] = [await Caller.signIn('operator'), await Caller.signIn('dispatcher')];
    const number = await operator.dispatched(dispatcher, 'keyboard', await siteKey(walk));
    await walk.signIn('operator');
    await walk.open('/cases');
    await walk.picture('board');
    await walk.expectClean();
    expect(await walk.sticksOut()).toEqual([]);
    await page.keyboard.press('f');
    await page.keyboard.type(number);
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe(number);
    await expect.poll(() => page.locator('[data-part="board"] ul[data-list] > li').count()).toBe(1);
    await page.locator('main').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('[data-part="case"]').waitFor();
    expect(page.url()).toContain(number);
    await page.goBack();
    await walk.ready();
    await page.keyboard.press('2');
    await page.locator('[data-part="cases"]').waitFor();
    await walk.ready();
    await walk.click('th button');
    expect(new URL(page.url()).searchParams.get('sort')).toBe('number');
    const numbers = await page
      .locator('tr[data-case]')
      .evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset.case ?? ''));
    expect(numbers).toEqual([...numbers].sort());
    await walk.expectClean();
    await page.keyboard.press('3');
    await page.locator('button.point').first().waitFor();
    await walk.ready();
    await walk.picture('case-map');
  },
);

for (const width of [375, 768]) {
  journey(
    `no page of cases sticks out at ${String(width)} px`,
    { lang: 'en', size: { width, height: 812 } },
    async (walk) => {
      const [operator, dispatcher] = [await Caller.signIn('operator'), await Caller.signIn('dispatcher')];
      const number = await operator.dispatched(dispatcher, 'a'.repeat(120), await siteKey(walk));
      await walk.signIn('dispatcher');
      for (const path of [
        '',
        '/table',
        '/map',
        '/mine',
        '/scores',
        '/new',
        `/${number}`,
        '/unit/enforcement',
      ]) {
        await walk.open(`/cases${path}`);
        expect(await walk.sticksOut(), path).toEqual([]);
        await walk.expectClean();
      }
    },
  );
}
