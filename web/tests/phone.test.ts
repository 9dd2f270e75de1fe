/**
 * Work in the field on a phone without a network: nothing is lost by a reload, and what is sent arrives once, also when
 * the answer of the server gets lost on its way.
 */
import { expect } from 'vitest';
import type { components } from '../src/api/types';
import type { Places } from '../src/api/contract';
import { Caller, journey, type Walk } from './rig';

type CaseAnswer = components['schemas']['CaseAnswer'];
type CaseList = components['schemas']['CaseList'];

const PHONE = { width: 375, height: 812 };
const LOST = /ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/;

/** A picture as a camera makes it, drawn by the browser itself. */
async function photo(walk: Walk): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const base64 = await walk.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(2400, 1800);
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('no canvas');
    for (let x = 0; x < 2400; x += 20) {
      pen.fillStyle = `hsl(${String(x % 360)} 60% 50%)`;
      pen.fillRect(x, 0, 20, 1800);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  });
  return { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') };
}

async function place(walk: Walk): Promise<Places['places'][number]> {
  const { places } = await walk.api<Places>('/places');
  const found = places.find(({ kind }) => kind === 'dust_site');
  if (!found) throw new Error('no dust site');
  return found;
}

for (const lang of ['zh', 'en'] as const) {
  journey(
    `a handler reports and handles without a network, and all of it arrives once (${lang})`,
    { lang, size: PHONE, forgiven: LOST, at: [113.6, 34.8] },
    async (walk) => {
      const { page } = walk;
      const site = await place(walk);
      const [operator, dispatcher] = [await Caller.signIn('operator'), await Caller.signIn('dispatcher')];
      const number = await operator.dispatched(dispatcher, `to be handled offline ${lang}`, site.key);
      const text = `<b>${lang}</b> & "reported offline" ${number}`;

      await walk.signIn('handler');
      await walk.open('/phone');
      await page.locator('[data-offline="ready"]').waitFor();
      await page.locator('[data-part="tasks"]').waitFor();
      await walk.picture('phone-tasks');
      expect(await walk.sticksOut()).toEqual([]);
      // What was looked at is known without a network.
      await walk.open(`/phone/tasks/${number}`);
      await walk.expectClean();
      const camera = await photo(walk);

      await walk.network(false);
      await walk.click(page.locator('.phone nav a').nth(2));
      await page.locator('input[type="file"]').setInputFiles(camera);
      await page.locator('.photos img').waitFor();
      await walk.click('.foot .primary');
      await walk.click('.button.wide');
      await page.locator('.phone [role="status"]').waitFor();
      await page.locator('input[type="search"]').fill(site.name[lang]);
      await walk.click('.choices .button');
      await walk.picture('phone-where');
      // The phone is put away in the middle, and its browser ends.
      await page.reload();
      await walk.ready();
      await walk.click('.foot .primary');
      await walk.click('.tiles .button');
      await page.locator('textarea').fill(text);
      await walk.click('.foot .primary');
      await page.locator('[data-part="reported"]').waitFor();
      expect(await page.locator('[data-part="waiting"]').innerText()).toContain('1');

      await walk.click(page.locator('.phone nav a').nth(0));
      await walk.click(page.locator(`[data-part="tasks"] a[href*="${number}"]`));
      await walk.click('[data-move="accept"]');
      await walk.click('.foot .primary');
      await page.locator('[data-part="noted"]').waitFor();
      expect(await page.locator('[data-part="waiting"]').innerText()).toContain('2');
      await walk.picture('phone-offline');
      await page.reload();
      await walk.ready();
      expect(await page.locator('[data-part="waiting"]').innerText()).toContain('2');

      // The answer to the report gets lost once: the server has it, the phone does not know.
      let lost = 0;
      await page.route('**/api/v1/cases', async (route) => {
        if (route.request().method() !== 'POST' || lost > 0) return route.continue();
        lost += 1;
        await route.fetch();
        await route.abort();
      });
      await walk.network(true);
      await page.locator('[data-part="waiting"]').waitFor({ state: 'detached', timeout: 120_000 });
      expect(lost).toBe(1);
      await walk.open('/phone/queue');
      const states = await page
        .locator('[data-part="queue"] > li')
        .evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset.state));
      expect(states).toEqual(['kept', 'kept']);
      await walk.picture('phone-queue');

      const { cases } = await operator.ask<CaseList>(
        'GET',
        `/cases?which=all&q=${encodeURIComponent(`"reported offline" ${number}`)}`,
      );
      expect(cases).toHaveLength(1);
      const made = await operator.ask<CaseAnswer>('GET', `/cases/${cases[0]?.number ?? ''}`);
      expect(made.case.text).toBe(text);
      expect(made.case.place).toBe(site.key);
      expect(made.history[0]?.photos).toHaveLength(1);
      const task = await operator.ask<CaseAnswer>('GET', `/cases/${number}`);
      expect(task.history.filter(({ move }) => move === 'accept')).toHaveLength(1);
      expect(task.case.stage).toBe('handling');
    },
    120_000,
  );
}

journey(
  'what the server refuses is told with its reason, and stays',
  { lang: 'en', size: PHONE, forgiven: /409/ },
  async (walk) => {
    const { page } = walk;
    const site = await place(walk);
    const [operator, dispatcher] = [await Caller.signIn('operator'), await Caller.signIn('dispatcher')];
    const number = await operator.dispatched(dispatcher, 'accepted by somebody else', site.key);
    await walk.signIn('handler');
    await walk.open(`/phone/tasks/${number}`);
    await walk.click('[data-move="accept"]');
    const other = await Caller.signIn('handler');
    await other.ask('POST', `/cases/${number}/moves`, { id: crypto.randomUUID(), move: 'accept' });
    await walk.click('.foot .primary');
    await page.locator('[data-part="refused"]').waitFor();
    await walk.click('[data-part="refused"]');
    const row = page.locator('[data-state="refused"]');
    expect(await row.innerText()).toContain('stage');
  },
);
