import { expect } from 'vitest';
import type { Frame, FrameLine, Ledger } from '../src/api/contract';
import { journey, type Walk } from './rig';

const PARTS = ['stored', 'duplicate', 'rejected', 'quarantined', 'in_flight'] as const;

/** A day that is over is not added to any more, so that page and API can be compared. */
async function settledDay(walk: Walk): Promise<string> {
  const { now } = await walk.api<{ now: string }>('/district');
  return new Date(Date.parse(now) + (8 - 24) * 3_600_000).toISOString().slice(0, 10);
}

for (const lang of ['zh', 'en'] as const) {
  journey('the ledger adds up, on the page as in the API', { lang }, async (walk) => {
    const { page } = walk;
    const day = await settledDay(walk);
    await walk.open(`/ledger?day=${day}`);
    const ledger = await walk.api<Ledger>(`/ledger?day=${day}&by=reason`);
    const flows = page.locator('section[data-flow]');
    for (const [i, account] of [ledger.frames, ledger.readings].entries()) {
      const shown = async (part: string) => {
        const text = await flows.nth(i).locator(`[data-count="${part}"]`).innerText();
        return Number(text.replace(/\D/g, ''));
      };
      const parts = await Promise.all(PARTS.map(shown));
      expect(parts).toEqual(PARTS.map((part) => account[part]));
      expect(await shown('received')).toBe(parts.reduce((sum, count) => sum + count, 0));
      expect(await flows.nth(i).locator('[data-count="difference"]').count()).toBe(0);
    }
    expect(await page.locator('[data-part="verdict"]').getAttribute('data-balanced')).toBe('true');
    expect(await walk.sticksOut()).toEqual([]);
    await walk.picture('ledger');
  });
}

journey(
  'an account that does not add up is shown as such, with the difference',
  { lang: 'zh' },
  async (walk) => {
    await walk.page.route('**/api/v1/ledger?**', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as Ledger;
      body.frames.received += 3;
      await route.fulfill({ response: answer, json: { ...body, balanced: false } });
    });
    await walk.open(`/ledger?day=${await settledDay(walk)}`);
    expect(await walk.page.locator('[data-count="difference"]').allInnerTexts()).toEqual(['3']);
    expect(await walk.page.locator('[data-part="verdict"]').getAttribute('data-balanced')).toBe('false');
  },
);

for (const by of ['reason', 'device', 'hour'] as const) {
  journey(`the lines by ${by} add up to what was received`, { lang: 'en' }, async (walk) => {
    const day = await settledDay(walk);
    await walk.open(`/ledger?day=${day}&by=${by}`);
    const { frames } = await walk.api<Ledger>(`/ledger?day=${day}&by=${by}`);
    const totals = await walk.page.locator('[data-part="by"] tbody td:nth-child(2)').allInnerTexts();
    const sum = totals.reduce((all, text) => all + Number(text.replace(/\D/g, '')), 0);
    expect(sum).toBe(frames.received - frames.in_flight);
  });
}

journey('a frame with a problem is marked at its byte', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  const lines = await walk.api<FrameLine[]>('/frames?limit=200');
  const rejected = await walk.api<FrameLine[]>('/frames?disposition=rejected&limit=200');
  let found: Frame | null = null;
  for (const { sequence } of [...rejected, ...lines]) {
    const frame = await walk.api<Frame>(`/frames/${String(sequence)}`);
    if (frame.problems.some(({ at }) => at !== null)) {
      found = frame;
      break;
    }
  }
  if (!found) throw new Error('no frame of the demo has a problem with a place');
  await walk.open(`/ledger/frame/${String(found.sequence)}`);
  const marked = await page
    .locator('[data-part="hex"] td.marked')
    .evaluateAll((all) => all.map((cell) => Number((cell as HTMLElement).dataset.at)));
  const bytes = found.hex.length / 2;
  const wanted = found.problems.flatMap(({ at }) => (at === null ? [] : [Math.min(at, bytes - 1)]));
  expect(marked).toEqual([...new Set(wanted)].sort((a, b) => a - b));
  expect(await page.locator('[data-part="problems"] li').count()).toBe(found.problems.length);
  await walk.picture('problem');
});

journey('recent frames can be narrowed and opened', { lang: 'en' }, async (walk) => {
  await walk.open('/ledger');
  await walk.page.locator('section select').selectOption('stored');
  await walk.ready();
  expect(new URL(walk.page.url()).searchParams.get('disposition')).toBe('stored');
  await walk.click('[data-part="frames"] tbody a');
  expect(new URL(walk.page.url()).pathname).toMatch(/^\/ledger\/frame\/\d+$/);
  expect(await walk.page.locator('h1').innerText()).toMatch(/^Frame /);
});
