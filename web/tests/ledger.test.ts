import { expect } from 'vitest';
import type { Frame, FrameLine, Ledger } from '../src/api/contract';
import { journey, type Walk } from './rig';

const PARTS = ['stored', 'duplicate', 'rejected', 'quarantined', 'in_flight'] as const;

/**
 * Frames arrive all the time, so the server's first answer to each question about the ledger is kept and
 * given again: then page and answer can be compared. `change` may alter it on its way.
 */
async function keepLedger(walk: Walk, change: (ledger: Ledger) => Ledger = (ledger) => ledger) {
  const kept = new Map<string, Ledger>();
  await walk.page.route('**/api/v1/ledger?**', async (route) => {
    const address = route.request().url();
    const answer = kept.get(address) ?? change((await (await route.fetch()).json()) as Ledger);
    kept.set(address, answer);
    await route.fulfill({ json: answer });
  });
  return (): Ledger => {
    const [answer] = [...kept.values()];
    if (!answer) throw new Error('the page did not ask for the ledger');
    expect(answer.frames.received, 'frames today').toBeGreaterThan(0);
    return answer;
  };
}

const numberIn = (text: string) => Number(text.replace(/\D/g, ''));

for (const lang of ['zh', 'en'] as const) {
  journey('the ledger adds up, on the page as in the API', { lang }, async (walk) => {
    const { page } = walk;
    const given = await keepLedger(walk);
    await walk.open('/ledger');
    const ledger = given();
    const flows = page.locator('section[data-flow]');
    for (const [i, account] of [ledger.frames, ledger.readings].entries()) {
      const shown = async (part: string) =>
        numberIn(await flows.nth(i).locator(`[data-count="${part}"]`).innerText());
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
    await keepLedger(walk, (ledger) => {
      ledger.frames.received += 3;
      return { ...ledger, balanced: false };
    });
    await walk.open('/ledger');
    expect(await walk.page.locator('[data-count="difference"]').allInnerTexts()).toEqual(['3']);
    expect(await walk.page.locator('[data-part="verdict"]').getAttribute('data-balanced')).toBe('false');
  },
);

for (const by of ['reason', 'device', 'hour'] as const) {
  journey(`the lines by ${by} add up to what was received`, { lang: 'en' }, async (walk) => {
    const given = await keepLedger(walk);
    await walk.open(`/ledger?by=${by}`);
    const { frames } = given();
    const totals = await walk.page.locator('[data-part="by"] tbody td:nth-child(2)').allInnerTexts();
    const sum = totals.reduce((all, text) => all + numberIn(text), 0);
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
  await walk.page.getByLabel('Disposition').selectOption('stored');
  await walk.ready();
  expect(new URL(walk.page.url()).searchParams.get('disposition')).toBe('stored');
  await walk.click('[data-part="frames"] tbody a');
  expect(new URL(walk.page.url()).pathname).toMatch(/^\/ledger\/frame\/\d+$/);
  expect(await walk.page.locator('h1').innerText()).toMatch(/^Frame /);
});

journey('a reason of the ledger leads to its frames', { lang: 'en' }, async (walk) => {
  const { page } = walk;
  const rejected = await walk.api<FrameLine[]>('/frames?disposition=rejected&limit=1');
  const reason = rejected[0]?.reason;
  if (!reason) throw new Error('the demo rejects nothing');
  await walk.open('/ledger');
  await page.locator('select[data-part="reason"]').selectOption(reason);
  await walk.ready();
  expect(new URL(page.url()).searchParams.get('reason')).toBe(reason);
  const frames = await walk.api<FrameLine[]>(`/frames?reason=${reason}&limit=50`);
  expect(await page.locator('[data-part="frames"] tbody tr').count()).toBe(frames.length);
  expect(new Set(frames.map((frame) => frame.reason))).toEqual(new Set([reason]));
  await walk.picture('reason');
});

journey(
  'the hours of a day are bars that fill the tallest, and a day in the future is today',
  { lang: 'zh' },
  async (walk) => {
    const { page } = walk;
    await walk.open('/ledger?by=hour&day=2999-01-01');
    const today = await page.locator('main input[type="date"]').inputValue();
    expect(today).not.toBe('2999-01-01');
    const heights = await page
      .locator('[data-part="hours"] .hour')
      .evaluateAll((all) =>
        all.map((hour) =>
          [...hour.children].reduce((sum, part) => sum + part.getBoundingClientRect().height, 0),
        ),
      );
    expect(heights).toHaveLength(24);
    expect(Math.max(...heights)).toBeGreaterThan(80);
    await walk.picture('hours');
  },
);
