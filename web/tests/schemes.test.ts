/** Schemes: where each input comes from is asked for, chosen by keyboard, and the score opens to its inputs. */
import { expect } from 'vitest';
import { journey } from './rig';

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
      const chosen = [
        ['PM2.5', 'value'],
        ['PM2.5', 'place'],
        ['PM10', 'excess'],
        ['PM10', 'multiple'],
      ] as const;
      for (const [at, [item, takes]] of chosen.entries()) {
        const input = inputs.nth(at);
        // By keyboard: focus, letters and arrows choose, Tab goes on.
        await input.locator('select').first().focus();
        await page.keyboard.type(item);
        await page.keyboard.press('Tab');
        expect(
          await input
            .locator('select')
            .nth(1)
            .evaluate((own) => own === document.activeElement),
        ).toBe(true);
        await input.locator('select').nth(1).selectOption(takes);
        expect(await input.locator('select').first().inputValue(), item).toBe(item);
      }
      // Only what compares asks with what.
      expect(await form.locator('fieldset input').count()).toBe(2);
      await form
        .locator('label', { hasText: lang === 'zh' ? '得分' : 'Score' })
        .locator('select')
        .selectOption('low');
      await form
        .locator('label', { hasText: lang === 'zh' ? '版本' : 'Edition' })
        .locator('select')
        .selectOption('2012');
      const last = await walk.api<{ now: string }>('/district');
      const day = new Date(Date.parse(last.now) - 2 * 86_400_000).toISOString().slice(0, 10);
      for (const at of [0, 1]) await form.locator('input[type="date"]').nth(at).fill(day);
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
    await cod.locator('input').fill('10');
    const nh3n = form.locator('fieldset[data-input="nh3n_t"]');
    await nh3n.locator('select').first().selectOption('nh3n');
    await nh3n.locator('select').nth(1).selectOption('load');
    await walk.picture('schemes sections');
    await form.locator('button.primary').click();
    const replay = page.locator('[data-part="replay"]');
    await replay.locator('table').first().waitFor();
    await walk.ready();
    await walk.picture('schemes loads');
    // A unit has an amount with its lines, or says which input is missing and why.
    const amounts = await replay.locator('details tbody tr td:last-child').allInnerTexts();
    expect(amounts.length).toBeGreaterThan(0);
    for (const text of amounts) expect(text).toMatch(/^\d|^–\s*缺输入/);
    const document = page.locator('.document textarea');
    const toml = await document.inputValue();
    await document.fill(toml.replace('nh3n_t', 'tp_t'));
    await document.blur();
    await form.locator('fieldset[data-input="tp_t"]').waitFor();
    expect(await cod.locator('input').inputValue(), 'what was chosen stays').toBe('10');
  },
);
