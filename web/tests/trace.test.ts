/** Where a rise comes from, on the first screen of a finding and of the case that is made of it. */
import { expect } from 'vitest';
import type { components } from '../src/api/types';
import { Caller, journey, type Walk } from './rig';

type FindingRow = components['schemas']['FindingRow'];
type FindingList = components['schemas']['FindingList'];
type FileAnswer = components['schemas']['FileAnswer'];

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };
/** A debug binary on a busy machine; one question at a time. */
const TRACED_MS_MAX = 150_000;
/** What stands there when there is no answer. */
const STATED = '[data-part="origins"] .state';

/** Findings of what is let out into the air, those first that were asked about before. */
async function traceable(operator: Caller): Promise<FindingRow[]> {
  const until = Date.now() + 120_000;
  for (;;) {
    const { findings } = await operator.ask<FindingList>('GET', '/findings?state=all&limit=200');
    const of = findings.filter(
      ({ about_data, subject }) =>
        !about_data &&
        subject.about !== 'water' &&
        ['pm10', 'pm25', 'so2', 'no2'].includes(subject.parameter ?? ''),
    );
    if (of.length > 0) return of;
    if (Date.now() > until) throw new Error('the demo raised nothing that can be traced');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

/** Waits for candidates, or for the reason why there are none. */
async function answered(walk: Walk): Promise<boolean> {
  const candidates = walk.page.locator('[data-part="origins"] [data-candidate]');
  const stated = walk.page.locator(STATED);
  await candidates.first().or(stated).first().waitFor({ timeout: TRACED_MS_MAX });
  return (await candidates.count()) > 0;
}

/** The lower edge of the first candidate, from the top of the window. */
async function lowerEdge(walk: Walk, selector: string): Promise<number> {
  const box = await walk.page.locator(selector).first().boundingBox();
  return box ? box.y + box.height : Infinity;
}

for (const lang of ['zh', 'en'] as const) {
  journey(
    `where it comes from stands on the first screen of finding and case (${lang})`,
    { lang, size: DESK, theme: lang === 'zh' ? 'light' : 'dark' },
    async (walk) => {
      const { page } = walk;
      const operator = await Caller.signIn('operator');
      await walk.signIn('operator');
      let found: FindingRow | null = null;
      for (const row of (await traceable(operator)).slice(0, 6)) {
        await walk.open(`/findings/${row.id}`);
        if (await answered(walk)) {
          found = row;
          break;
        }
        // A reason in words, and what to do.
        expect((await page.locator(STATED).innerText()).length).toBeGreaterThan(20);
      }
      if (!found) throw new Error('no finding of the demo has candidates');
      await page.locator('[data-part="origins"] canvas').waitFor();
      await walk.ready();
      const percents = await page.locator('[data-part="origins"] .percent').allInnerTexts();
      expect(percents.length).toBeGreaterThanOrEqual(2);
      for (const text of percents) expect(text).toMatch(/^[<>]?\d+ %$/);
      expect(await lowerEdge(walk, '[data-part="origins"] [data-candidate]')).toBeLessThan(DESK.height);
      expect(await lowerEdge(walk, '[data-part="origins"] canvas')).toBeLessThan(DESK.height);
      // Basis, doubts and how often such answers were right are one key away.
      const basis = page.locator('[data-part="origins"] summary');
      await basis.focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('[data-part="origins"] details').innerText()).toMatch(/\d/);
      await page.keyboard.press('Enter');
      await walk.picture('trace-finding');
      expect(await walk.sticksOut()).toEqual([]);
      await walk.expectClean();

      let number = found.case;
      if (number === null) {
        const made = await operator.ask<FileAnswer>('POST', `/findings/${found.id}/file`, {});
        number = made.number;
      }
      await walk.open(`/cases/${number}`);
      expect(await answered(walk)).toBe(true);
      await page.locator('[data-part="origins"] canvas').waitFor();
      expect(await lowerEdge(walk, '[data-part="origins"] [data-candidate]')).toBeLessThan(DESK.height);
      await walk.picture('trace-case');
      expect(await walk.sticksOut()).toEqual([]);
    },
    600_000,
  );
}

journey(
  'where it comes from holds at 375 px',
  { lang: 'zh', size: PHONE },
  async (walk) => {
    const operator = await Caller.signIn('operator');
    const [row] = await traceable(operator);
    await walk.signIn('operator');
    await walk.open(`/findings/${row?.id ?? ''}`);
    await answered(walk);
    expect(await lowerEdge(walk, '#origins-title')).toBeLessThan(PHONE.height);
    await walk.picture('trace-phone');
    expect(await walk.sticksOut()).toEqual([]);
  },
  300_000,
);
