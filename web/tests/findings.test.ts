/**
 * Findings as events, and known work: stated with a reason, it takes what it explains off the desk, says so on the finding, and is ended.
 */
import { expect } from 'vitest';
import type { components } from '../src/api/types';
import { Caller, journey } from './rig';

type FindingList = components['schemas']['FindingList'];
type WorkList = components['schemas']['WorkList'];

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };

for (const lang of ['zh', 'en'] as const) {
  journey(`known work is stated, shown and ended (${lang})`, { lang, size: DESK }, async (walk) => {
    const { page } = walk;
    const operator = await Caller.signIn('operator');
    await walk.signIn('operator');
    await walk.open('/findings/works');
    await walk.expectClean();
    const reason = `resurfacing <b>${lang}</b>`;
    await walk.click('[data-do="state"]');
    const keep = page.locator('[data-form="work"] button[type="submit"]');
    expect(await keep.isDisabled()).toBe(true);
    // The first choice is everywhere; then come the areas, then the places.
    await page.locator('select[name="where"]').selectOption({ index: 1 });
    await page.locator('select[name="rule"]').selectOption('dust-site-night');
    await page.locator('input[name="from"]').fill('2026-01-01T08:00');
    await page.locator('input[name="to"]').fill('2026-01-01T07:00');
    await page.locator('textarea[name="reason"]').fill(reason);
    expect(await keep.isDisabled()).toBe(true);
    await page.locator('input[name="to"]').fill('2099-01-01T07:00');
    await walk.click(keep);
    const { suppressions } = await (async () => {
      await page.locator('[data-work]').first().waitFor();
      return operator.ask<WorkList>('GET', '/suppressions');
    })();
    const kept = suppressions.find((work) => work.reason === reason);
    expect(kept).toMatchObject({
      active: true,
      rule: 'dust-site-night',
      who: 'operator',
      place: null,
      area: expect.stringMatching(/./) as string,
    });
    // On the clock of the district, wherever the reader sits.
    expect(Date.parse(kept?.from ?? '')).toBe(Date.parse('2026-01-01T08:00:00+08:00'));
    const row = page.locator(`[data-work="${kept?.id ?? ''}"]`);
    expect(await row.innerText()).toContain(reason);
    expect(await row.innerText()).toContain(lang === 'zh' ? '（全区域）' : '(the whole area)');
    await walk.picture('works');
    expect(await walk.sticksOut()).toEqual([]);
    await walk.expectClean();

    await walk.click(row.locator('[data-do="end"]'));
    await row.locator('input[name="why"]').fill('it rained');
    await walk.click(row.locator('[data-form="end"] button[type="submit"]'));
    await row.locator('[data-do="end"]').waitFor({ state: 'detached' });
    await page.waitForFunction(
      (id) => document.querySelector(`[data-work="${id}"]`)?.textContent.includes('it rained') === true,
      kept?.id ?? '',
    );
    const after = await operator.ask<WorkList>('GET', '/suppressions');
    expect(after.suppressions.find(({ id }) => id === kept?.id)).toMatchObject({
      active: false,
      ended: { who: 'operator', why: 'it rained' },
    });
  });
}

journey('known work holds at 375 px', { lang: 'zh', size: PHONE }, async (walk) => {
  await walk.signIn('operator');
  await walk.open('/findings/works');
  await walk.click('[data-do="state"]');
  await walk.page.locator('[data-form="work"]').waitFor();
  expect(await walk.sticksOut()).toEqual([]);
  await walk.expectClean();
  await walk.picture('works-phone');
});

journey('the list and the bell count events, not findings', { lang: 'en', size: DESK }, async (walk) => {
  const { page } = walk;
  const operator = await Caller.signIn('operator');
  const events = await operator.ask<FindingList>('GET', '/findings?state=waiting&by=event&limit=500');
  const findings = await operator.ask<FindingList>('GET', '/findings?state=waiting&limit=500');
  const groups = new Set(findings.findings.map(({ group }) => group));
  expect(events.findings.length).toBe(groups.size);
  expect(events.waiting).toBe(groups.size);
  // A district with a handful of sources: somebody can look at every one.
  expect(events.waiting).toBeLessThan(60);
  await walk.signIn('operator');
  await walk.open('/findings');
  await page.locator('[data-part="findings"] li').first().waitFor();
  expect(await page.locator('[data-part="findings"] li').count()).toBe(events.total);
  expect(await page.locator('[data-part="bell"]').innerText()).not.toContain('+');
});
