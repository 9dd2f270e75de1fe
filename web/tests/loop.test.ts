/**
 * The whole loop, from a reading to a score: a rule finds something in the demo, the operator makes a case of it with one
 * key, the dispatcher gives it to a unit, the handler works on it on the phone, without a network for a part, somebody else
 * verifies it, the rule is confirmed and the unit's score moves.
 */
import { expect } from 'vitest';
import type { components } from '../src/api/types';
import { Caller, journey, type Walk } from './rig';

type FindingList = components['schemas']['FindingList'];
type FindingAnswer = components['schemas']['FindingAnswer'];
type CaseAnswer = components['schemas']['CaseAnswer'];
type Scores = components['schemas']['Scores'];

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };
const LOST = /ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/;
const UNIT = 'enforcement';
/** The demo's world raises something within this time, if nothing of its past waits. */
const RAISED_MS_MAX = 120_000;

/** A PNG of four pixels. */
const PHOTO = {
  name: 'after.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGPgqrA5oaHBIGdz58MdEQAdKATtQ0QZKAAAAABJRU5ErkJggg==',
    'base64',
  ),
};

async function closedBy(leader: Caller): Promise<string[]> {
  const { units } = await leader.ask<Scores>('GET', '/cases/scores');
  return units.find(({ unit }) => unit === UNIT)?.cases.closed ?? [];
}

/** A finding that waits for somebody; the demo is waited for, if need be. */
async function waiting(operator: Caller): Promise<string> {
  const until = Date.now() + RAISED_MS_MAX;
  for (;;) {
    const { findings } = await operator.ask<FindingList>('GET', '/findings?state=waiting&limit=50');
    const found = findings.find(({ about_data }) => !about_data) ?? findings[0];
    if (found) return found.id;
    if (Date.now() > until) throw new Error('the demo raised no finding');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

async function noted(walk: Walk, move: string, note = ''): Promise<void> {
  await walk.click(`[data-move="${move}"]`);
  if (note !== '') {
    await walk.page.locator('input[type="file"]').setInputFiles(PHOTO);
    await walk.page.locator('.photos img').waitFor();
    await walk.page.locator('textarea').fill(note);
  }
  await walk.click('.foot .primary');
  await walk.page.locator('[data-part="noted"]').waitFor();
}

for (const lang of ['zh', 'en'] as const) {
  journey(
    `from a reading to a score: found, filed, dispatched, handled offline, verified by another one (${lang})`,
    { lang, size: DESK, forgiven: LOST, theme: lang === 'zh' ? 'light' : 'dark' },
    async (walk) => {
      const { page } = walk;
      const [operator, leader] = [await Caller.signIn('operator'), await Caller.signIn('leader')];
      const before = await closedBy(leader);
      const finding = await waiting(operator);

      // Found and filed, with one key.
      await walk.signIn('operator');
      await walk.open('/findings');
      await walk.picture('findings');
      expect(await walk.sticksOut()).toEqual([]);
      expect(await page.locator('[data-part="bell"]').count()).toBe(1);
      await walk.expectClean();
      await walk.open(`/findings/${finding}`);
      await page.locator('[data-part="finding"]').waitFor();
      await walk.picture('finding');
      await walk.expectClean();
      await page.locator('main').focus();
      await page.keyboard.press('f');
      const link = page.locator('[data-part="case-link"]');
      await link.waitFor();
      const number = await link.innerText();
      expect(number).toMatch(/^\d{4}-\d{6}$/);

      // Dispatched.
      await walk.signIn('dispatcher');
      await walk.open(`/cases/${number}`);
      await page.locator(`[data-part="finding"]`).waitFor();
      if ((await page.locator('[data-move="file"]').count()) > 0) {
        await walk.click('[data-move="file"]');
        await walk.click('[data-form="file"] button[type="submit"]');
        await page.locator('[data-step="file"]').waitFor();
      }
      await walk.click('[data-move="dispatch"]');
      await page.locator('select[name="unit"]').selectOption(UNIT);
      await walk.click('[data-form="dispatch"] button[type="submit"]');
      await page.locator('[data-step="dispatch"]').waitFor();
      await walk.picture('loop-dispatched');

      // Handled on the phone, without a network for a part.
      await page.setViewportSize(PHONE);
      await walk.signIn('handler');
      await walk.open('/phone');
      await page.locator('[data-offline="ready"]').waitFor();
      await walk.click(page.locator(`[data-part="tasks"] a[href*="${number}"]`));
      await noted(walk, 'accept');
      await page.locator('[data-part="waiting"]').waitFor({ state: 'detached' });
      await page.locator('[data-move="feed_back"]').waitFor();
      await walk.network(false);
      await noted(walk, 'feed_back', 'covered, sprayed & swept <b>');
      await page.reload();
      await walk.ready();
      expect(await page.locator('[data-part="waiting"]').innerText()).toContain('1');
      await walk.picture('loop-offline');
      await walk.network(true);
      await page.locator('[data-part="waiting"]').waitFor({ state: 'detached', timeout: 120_000 });

      // Verified by somebody else.
      await page.setViewportSize(DESK);
      await walk.signIn('verifier');
      await walk.open(`/cases/${number}`);
      expect(await page.locator('[data-part="photos"] img').count()).toBeGreaterThan(0);
      await walk.click('[data-move="pass"]');
      await page.locator('textarea[name="note"]').fill('seen: it is done');
      await walk.click('[data-form="pass"] button[type="submit"]');
      await page.locator('[data-step="pass"]').waitFor();
      await walk.picture('loop-case');

      // The score moved, the rule was right, and every step has its author.
      expect(before).not.toContain(number);
      expect(await closedBy(leader)).toContain(number);
      const { history } = await leader.ask<CaseAnswer>('GET', `/cases/${number}`);
      const by = (move: string) => history.filter((step) => step.move === move).map(({ who }) => who);
      expect(by('accept')).toEqual(['handler']);
      expect(by('feed_back')).toEqual(['handler']);
      expect(by('pass')).toEqual(['verifier']);
      const judged = await operator.ask<FindingAnswer>('GET', `/findings/${finding}`);
      expect(judged.finding.case).toBe(number);
      expect(judged.finding.verdict).toBe('confirmed');
      await walk.signIn('leader');
      await walk.open('/cases/scores');
      await walk.click(`[data-unit="${UNIT}"] [data-list="closed"] summary`);
      await page.locator(`[data-unit="${UNIT}"] [data-list="closed"] a[href*="${number}"]`).waitFor();
      await walk.open('/findings/rules');
      expect(await page.locator('[data-part="rules"] tbody tr').count()).toBeGreaterThan(5);
      await walk.picture('rules');
    },
    240_000,
  );
}

journey('a finding is put aside only with a reason', { lang: 'en', size: DESK }, async (walk) => {
  const { page } = walk;
  const operator = await Caller.signIn('operator');
  const finding = await waiting(operator);
  await walk.signIn('operator');
  await walk.open(`/findings/${finding}`);
  await page.locator('main').focus();
  await page.keyboard.press('x');
  const submit = page.locator('[data-form="dismiss"] button[type="submit"]');
  expect(await submit.isDisabled()).toBe(true);
  await page.keyboard.type('<i>fireworks</i>');
  await walk.click(submit);
  await page.locator('[data-part="deeds"]').waitFor({ state: 'detached' });
  expect(await page.locator('[data-part="finding"]').innerText()).toContain('<i>fireworks</i>');
});

journey('findings hold at 375 px', { lang: 'zh', size: PHONE }, async (walk) => {
  const operator = await Caller.signIn('operator');
  const finding = await waiting(operator);
  await walk.signIn('operator');
  for (const path of ['', `/${finding}`, '/rules']) {
    await walk.open(`/findings${path}`);
    expect(await walk.sticksOut(), path).toEqual([]);
    await walk.expectClean();
  }
  await walk.picture('findings-phone');
});
