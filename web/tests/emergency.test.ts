/**
 * Emergency response: a warning is declared by one, its order received and reported done by another, reminded of, lifted; the report opens. And
 * the plan is changed by whom it belongs to.
 */
import { expect } from 'vitest';
import type { components } from '../src/api/types';
import { Caller, journey } from './rig';

type Now = components['schemas']['EmergencyNow'];
type Warning = components['schemas']['WarningAnswer'];

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };
const DOCUMENT = { document: { number: '7', issuer: 'city' } };

/** Lifts what stands, so that a walk begins from nothing. */
async function clear(leader: Caller): Promise<void> {
  const { standing } = await leader.ask<Now>('GET', '/emergency');
  if (standing) {
    const body = { note: 'before a walk', basis: DOCUMENT };
    await leader.ask('POST', `/emergency/warnings/${standing.number}/lift`, body);
  }
}

for (const lang of ['zh', 'en'] as const) {
  journey(
    `declared, received by somebody else, done, lifted, and the report opens (${lang})`,
    { lang, size: DESK, theme: lang === 'zh' ? 'light' : 'dark' },
    async (walk) => {
      const { page } = walk;
      const leader = await Caller.signIn('leader');
      await clear(leader);

      // Declared, by the keyboard alone.
      await walk.signIn('leader');
      await walk.open('/emergency');
      await page.locator('[data-do="declare"] button').first().focus();
      await page.keyboard.press('Enter');
      const form = page.locator('[data-do="declare"] dialog[open]');
      await form.locator('select[name="level"]').selectOption('orange');
      await form.locator('input[name="number"]').fill('〔2026〕7');
      await form.locator('input[name="issuer"]').fill('city');
      await form.locator('textarea[name="note"]').fill('heavy pollution <b>ahead</b>');
      await walk.picture('emergency-declare');
      await form.locator('textarea[name="note"]').press('Tab');
      await form.locator('button[type="submit"]').press('Enter');
      await page.locator('[data-part="warning"][data-level="orange"]').waitFor();
      await page.locator('[data-order]').first().waitFor();
      expect(await page.locator('[data-order]').count()).toBeGreaterThan(4);
      expect(await page.locator('[data-kept="unclear"]').count()).toBeGreaterThan(4);
      await walk.picture('emergency-leader');
      await walk.expectClean();
      const { standing } = await leader.ask<Now>('GET', '/emergency');
      const path = `/emergency/warnings/${standing?.number ?? ''}`;

      // Reminded; nobody received it yet.
      await walk.click('[data-order="1"] [data-do="remind"]');
      await page
        .locator('[data-order="1"]', { hasText: lang === 'zh' ? '已提醒 1 次' : 'reminded 1' })
        .waitFor();
      expect(await page.locator('[data-do="receive"]').count()).toBe(0);

      // Received and done by the unit, on the phone.
      await page.setViewportSize(PHONE);
      await walk.signIn('handler');
      await walk.open('/phone');
      await walk.click('[data-part="orders"] a');
      await page.locator('[data-order="1"] [data-do="receive"]').waitFor();
      expect(await walk.sticksOut()).toEqual([]);
      await walk.picture('emergency-phone');
      await walk.click('[data-order="1"] [data-do="receive"]');
      await page.locator('[data-order="1"] textarea').fill('kiln stopped & sealed <i>');
      await walk.click('[data-order="1"] [data-do="done"]');
      await page.locator('[data-order="1"] [data-part="done"]', { hasText: '✓' }).waitFor();
      expect(await page.locator('[data-do="lift"]').count()).toBe(0);
      await walk.expectClean();
      const after = await leader.ask<Warning>('GET', path);
      const first = after.orders.find(({ number }) => number === 1);
      expect(first?.received?.who).toBe('handler');
      expect(first?.feedback.map(({ note }) => note)).toEqual(['kiln stopped & sealed <i>']);

      // The page hears of what another one does.
      await page.setViewportSize(DESK);
      await walk.signIn('leader');
      await walk.open('/emergency');
      await page.locator('[data-order="2"] [data-part="received"]', { hasText: '○' }).waitFor();
      const handler = await Caller.signIn('handler');
      await handler.ask('POST', `${path}/orders/2/receive`, {});
      await page.locator('[data-order="2"] [data-part="received"]', { hasText: '✓' }).waitFor();

      // Lifted; the report opens.
      await walk.click('[data-do="lift"] button');
      const lift = page.locator('[data-do="lift"] dialog[open]');
      await lift.locator('input[name="number"]').fill('8');
      await lift.locator('input[name="issuer"]').fill('city');
      await lift.locator('textarea[name="note"]').fill('wind came');
      await walk.click(lift.locator('button[type="submit"]'));
      await page.locator('[data-do="declare"] button').first().waitFor();
      await walk.open('/emergency?section=past');
      await walk.click('[data-part="past"] a');
      await page.locator('[data-part="lifted"]').waitFor();
      await walk.picture('emergency-past');
      await walk.click('[data-do="report"]');
      await page
        .getByText(lang === 'zh' ? '缺什么' : 'what was missing')
        .first()
        .waitFor();
      await walk.picture('emergency-report');
    },
    240_000,
  );
}

journey(
  'the episode of the demo says what was kept; the plan holds at 375 px',
  { lang: 'en', size: PHONE },
  async (walk) => {
    const { page } = walk;
    const leader = await Caller.signIn('leader');
    const { past } = await leader.ask<Now>('GET', '/emergency');
    const number = past.at(-1)?.number ?? '';
    await walk.signIn('leader');
    await walk.open(`/emergency/${number}`);
    await page.locator('[data-order]').first().waitFor();
    expect(await page.locator('[data-part="levels"] [data-warning]').count()).toBe(2);
    expect(await page.locator('main').innerText()).toContain('simulated');
    expect(await walk.sticksOut()).toEqual([]);
    await walk.picture('emergency-episode');
    await walk.expectClean();
    await walk.open('/emergency?section=plan');
    await page.locator('[data-part="plan"] tbody tr').first().waitFor();
    expect(await walk.sticksOut()).toEqual([]);
    await walk.picture('emergency-plan');
  },
);

journey(
  'a measure is entered by whom it belongs to, and refused with a reason',
  { lang: 'zh', size: DESK, forgiven: /400/ },
  async (walk) => {
    const { page } = walk;
    await walk.signIn('system');
    await walk.open('/emergency?section=plan');
    await page.locator('[data-part="plan"] tbody tr').first().waitFor();
    const key = `walk-${String(Date.now())}`;
    await walk.click('[data-part="enter"]');
    const form = page.locator('dialog[open]');
    await form.locator('input[name="key"]').fill(key);
    await form.locator('select[name="level"]').selectOption('yellow');
    await form.locator('select[name="unit"]').selectOption('enforcement');
    await form.locator('textarea[name="zh"]').fill('加密巡查');
    await form.locator('textarea[name="en"]').fill('more patrols');
    await form.locator('input[name="from"]').fill('2026-01-01');
    await form.locator('input[name="to"]').fill('2025-01-01');
    await form.locator('input[name="source"]').fill('预案附件 2');
    await form.locator('input[name="why"]').fill('会议纪要');
    await walk.click(form.locator('button[type="submit"]'));
    await form.getByText('to 早于 from').waitFor();
    await form.locator('input[name="to"]').fill('');
    await walk.click(form.locator('button[type="submit"]'));
    await page.locator(`[data-measure="${key}"]`).waitFor();
    await walk.picture('emergency-entered');
  },
);
