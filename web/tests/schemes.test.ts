/** Schemes: where each input comes from is asked for, chosen by keyboard, and the score opens to its inputs. */
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { journey, type Walk } from './rig';

/** Four inputs of Taiyuan's score, as an example. */
const CHOSEN = [
  ['PM2.5', 'value'],
  ['PM2.5', 'place'],
  ['PM10', 'excess'],
  ['PM10', 'multiple'],
] as const;

/** Chooses the inputs by keyboard: focus, letters and arrows choose, Tab goes on. */
async function choose({ page }: Walk, inputs: Locator): Promise<void> {
  for (const [at, [item, takes]] of CHOSEN.entries()) {
    const [first, second] = [
      inputs.nth(at).locator('select').first(),
      inputs.nth(at).locator('select').nth(1),
    ];
    await first.focus();
    await page.keyboard.type(item);
    await page.keyboard.press('Tab');
    expect(await second.evaluate((own) => own === document.activeElement)).toBe(true);
    await second.selectOption(takes);
    expect(await first.inputValue(), item).toBe(item);
  }
}

/** One day that is over, under the edition of 2012. */
async function oneDay(walk: Walk, form: Locator, lang: 'zh' | 'en'): Promise<void> {
  await form
    .locator('label', { hasText: lang === 'zh' ? '版本' : 'Edition' })
    .locator('select')
    .selectOption('2012');
  const last = await walk.api<{ now: string }>('/district');
  const day = new Date(Date.parse(last.now) - 2 * 86_400_000).toISOString().slice(0, 10);
  for (const at of [0, 1]) await form.locator('input[type="date"]').nth(at).fill(day);
}

for (const [lang, width] of [
  ['zh', 1440],
  ['en', 375],
] as const) {
  const size = { width, height: 900 };
  journey(
    `a score of four inputs is replayed and opens (${lang}, ${String(width)} px)`,
    { lang, size },
    async (walk) => {
      const { page } = walk;
      await walk.signIn('leader');
      await walk.open('/schemes?scheme=taiyuan-2019-score');
      const form = page.locator('[data-part="replay-form"]');
      const inputs = form.locator('fieldset[data-input]');
      expect(await inputs.count()).toBe(4);
      // Nothing is guessed: what the source does not say is still to be chosen.
      expect(await inputs.first().locator('select').first().inputValue()).toBe('');
      await choose(walk, inputs);
      // Only what compares asks with what.
      expect(await form.locator('fieldset input').count()).toBe(2);
      await form
        .locator('> label', { hasText: lang === 'zh' ? '得分' : 'Score' })
        .locator('select')
        .selectOption('low');
      await oneDay(walk, form, lang);
      await walk.picture('schemes form');
      await form.locator('button.primary').focus();
      await page.keyboard.press('Enter');
      const replay = page.locator('[data-part="replay"]');
      await replay.locator('table').first().waitFor();
      await walk.ready();
      expect(await replay.locator('[data-part="replay-inputs"] li').count()).toBe(4);
      const rows = replay.locator('details tbody tr');
      expect(await rows.count()).toBeGreaterThan(1);
      const first = rows.first();
      expect(await first.locator('td').first().innerText()).toBe('1');
      expect(await first.locator('td a.opens').count()).toBe(4);
      await replay.scrollIntoViewIfNeeded();
      await walk.picture('schemes replay');
      expect(await walk.sticksOut()).toEqual([]);
      await walk.expectClean();
      await walk.click(first.locator('td a.opens').first());
      expect(new URL(page.url()).pathname).toBe('/explain');
    },
  );
}

for (const [lang, width] of [
  ['zh', 375],
  ['en', 1440],
] as const) {
  const size = { width, height: 900 };
  journey(
    `the last three by a score pay, and each place leads to its score (${lang}, ${String(width)} px)`,
    { lang, size },
    async (walk) => {
      const { page } = walk;
      await walk.signIn('leader');
      await walk.open('/schemes?scheme=taiyuan-2019-money');
      const form = page.locator('[data-part="replay-form"]');
      // Its source says that it pays by the score; where that comes from and which end is good nobody knows.
      const payer = form.locator('fieldset[data-input="place_from_end"] select');
      expect(await payer.first().inputValue()).toBe('score');
      expect(await payer.nth(1).inputValue()).toBe('place_from_end');
      const score = form.locator('fieldset[data-part="replay-score"]');
      expect(await score.locator('> label select').first().inputValue()).toBe('taiyuan-2019-score');
      const best = score.locator('> label select').nth(1);
      expect(await best.inputValue()).toBe('');
      // A score is made of what is measured.
      const inputs = score.locator('fieldset[data-input]');
      expect(await inputs.count()).toBe(4);
      expect(await inputs.first().locator('option[value="score"]').count()).toBe(0);
      await choose(walk, inputs);
      await oneDay(walk, form, lang);
      const isWhole = () => form.evaluate((own: HTMLFormElement) => own.checkValidity());
      expect(await isWhole(), 'a place needs a best end').toBe(false);
      await best.selectOption('low');
      expect(await isWhole()).toBe(true);
      await walk.picture('schemes score form');
      expect(await walk.sticksOut()).toEqual([]);
      await form.locator('button.primary').focus();
      await page.keyboard.press('Enter');
      const replay = page.locator('[data-part="replay"]');
      await replay.locator('table').first().waitFor();
      await walk.ready();
      expect(await replay.locator('[data-part="score-inputs"] li').count()).toBe(4);
      const scores = replay.locator('details[data-part="replay-score"]');
      expect(await scores.getAttribute('open'), 'closed until somebody asks').toBeNull();
      // The last place pays the most.
      const last = replay.locator('details > :not([data-part="replay-score"]) tbody tr', {
        has: page.locator('td button.opens', { hasText: /^1$/ }),
      });
      expect(await last.first().locator('td').last().innerText()).toMatch(/^100/);
      // Its place leads to the score behind it, which opens to its inputs.
      await last.first().locator('td button.opens').focus();
      await page.keyboard.press('Enter');
      const behind = scores.locator('tr:focus');
      await behind.waitFor();
      expect(await behind.locator('td a.opens').count()).toBe(4);
      expect((await behind.locator('td').last().innerText()).split('×').length - 1, 'four lines').toBe(4);
      await walk.picture('schemes score');
      expect(await walk.sticksOut()).toEqual([]);
      await walk.expectClean();
      await walk.click(behind.locator('td a.opens').first());
      expect(new URL(page.url()).pathname).toBe('/explain');
      // Another item needs no score.
      await walk.open('/schemes?scheme=taiyuan-2019-money');
      await payer.first().selectOption('PM10');
      expect(await score.count()).toBe(0);
    },
  );
}

journey(
  'loads of sections are paid by the tonne, and a document with other inputs asks for those',
  {},
  async (walk) => {
    const { page } = walk;
    await walk.signIn('leader');
    await walk.open('/schemes?scheme=henan-2010-load');
    const form = page.locator('[data-part="replay-form"]');
    await form.locator('label', { hasText: '对象' }).locator('select').selectOption('section');
    const cod = form.locator('fieldset[data-input="cod_t"]');
    await cod.locator('select').first().selectOption('cod');
    await cod.locator('select').nth(1).selectOption('load_excess');
    const target = cod.locator('label', { hasText: '目标浓度' }).locator('input');
    await target.fill('10');
    const share = cod.locator('input[type="number"]');
    await share.fill('101');
    expect(await share.evaluate((own: HTMLInputElement) => own.checkValidity())).toBe(false);
    await share.fill('60');
    const nh3n = form.locator('fieldset[data-input="nh3n_t"]');
    await nh3n.locator('select').first().selectOption('nh3n');
    await nh3n.locator('select').nth(1).selectOption('load');
    await walk.picture('schemes sections');
    await form.locator('button.primary').click();
    const replay = page.locator('[data-part="replay"]');
    await replay.locator('table').first().waitFor();
    await walk.ready();
    await walk.picture('schemes loads');
    // Who reads the answer sees what share of the days was asked for: said of one input, and of the other the server's.
    const told = await replay.locator('[data-part="replay-inputs"] li').allInnerTexts();
    expect(told.map((text) => /至少 (\d+) %/.exec(text)?.[1])).toEqual(['60', '75']);
    // A unit has an amount with its lines, or says which input is missing and why.
    const amounts = await replay.locator('details tbody tr td:last-child').allInnerTexts();
    expect(amounts.length).toBeGreaterThan(0);
    for (const text of amounts) expect(text).toMatch(/^\d|^–\s*缺输入/);
    const document = page.locator('.document textarea');
    const toml = await document.inputValue();
    await document.fill(toml.replace('nh3n_t', 'tp_t'));
    await document.blur();
    await form.locator('fieldset[data-input="tp_t"]').waitFor();
    expect(await target.inputValue(), 'what was chosen stays').toBe('10');
    expect(await share.inputValue()).toBe('60');
  },
);
