/** Files of cases of another system: looked at row by row, imported under a receipt, with a mapping of one's own, and refused by name. */
import { expect } from 'vitest';
import type { components } from '../src/api/types';
import { Caller, journey, type Walk } from './rig';

type Receipts = components['schemas']['CasesReceipts'];
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };
const HEAD =
  'CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,REASON,TYPE,CASE_TITLE,CLOSURE_REASON,Department,Source,LONGITUDE,LATITUDE\n';

/** Numbers of this run: a case is known by them, also to a server that ran before. */
const RUN = crypto.randomUUID().slice(0, 8);

/** A row of the file; `opened` may be what is no time. */
const row = (number: string, opened = '01/01/2015 12:25:23 AM') =>
  `${RUN}-${number},${opened},01/16/2015 08:30:00 AM,01/02/2015 04:17:43 PM,ONTIME,Sanitation,<b>Bin</b>,PRINTED,Case Closed,PWDx,Twitter,-71.09,42.34\n`;

async function choose(walk: Walk, input: string, name: string, text: string): Promise<void> {
  const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) };
  await walk.page.locator(`input[name="${input}"]`).setInputFiles(file);
}

async function look(walk: Walk): Promise<void> {
  await walk.click('[data-do="look"]');
  await walk.page.locator('[data-part="cases-counts"]').waitFor();
  await walk.ready();
}

const isShut = (walk: Walk) => walk.page.locator('[data-do="import"]').isDisabled();

for (const lang of ['zh', 'en'] as const) {
  const forgiven = /status of 422/;
  journey(`cases of another system are imported (${lang})`, { lang, size: DESK, forgiven }, async (walk) => {
    const { page } = walk;
    const system = await Caller.signIn('system');
    await walk.signIn('system');
    await walk.open('/admin/import');
    const file = `${HEAD}${row(`${lang}-1`)}${row(`${lang}-2`)}${row(`${lang}-3`, 'yesterday')}`;
    await choose(walk, 'cases-file', `${RUN}-${lang}.csv`, file);
    await look(walk);
    const refused = await page.locator('[data-row="refused"]').innerText();
    expect(refused).toMatch(/^4\s+OPEN_DT: yesterday/);
    expect(refused).toContain(lang === 'zh' ? '拒绝' : 'refused');
    expect(await page.locator('[data-row="new"]').count()).toBe(2);
    expect(await isShut(walk)).toBe(true);
    expect((await system.ask<Receipts>('GET', '/cases/import')).items.map((one) => one.file)).not.toContain(
      `${RUN}-${lang}.csv`,
    );
    await walk.picture('cases-import');
    await page.locator('input[name="partial"]').check();
    await walk.click('[data-do="import"]');
    const receipt = page.locator('[data-part="cases-receipt"]');
    await receipt.waitFor();
    const kept = (await system.ask<Receipts>('GET', '/cases/import')).items[0];
    expect(kept).toMatchObject({ file: `${RUN}-${lang}.csv`, new: 2, bad: 1, is_done: true, who: 'system' });
    expect(await receipt.innerText()).toContain(kept?.receipt ?? '?');
    expect(await page.locator('[data-part="cases-receipts"]').innerText()).toContain(`${RUN}-${lang}.csv`);
    expect(await walk.sticksOut()).toEqual([]);
    await walk.expectClean();

    // The same file again says so, and what it would add is nothing.
    await look(walk);
    await page.locator('input[name="again"]').waitFor();
    expect(await page.locator('[data-row="known"]').count()).toBe(2);
    expect(await isShut(walk)).toBe(true);

    // A mapping of one's own; what is wrong with it is said, and nothing is imported.
    const { text } = await system.ask<{ text: string }>('GET', '/cases/settings/mappings');
    const own = text.replaceAll('boston311', `town-${lang}`);
    await page.locator('select[name="mapping"]').selectOption('*');
    expect(await page.locator('[data-do="look"]').isDisabled()).toBe(true);
    await choose(walk, 'mapping-file', 'town.toml', own.replace('America/New_York', 'Mars/Olympus'));
    await walk.click('[data-do="look"]');
    const error = page.locator('[data-part="cases-import"]').getByText('Mars/Olympus').first();
    await error.waitFor();
    expect(await error.innerText()).toContain(lang === 'zh' ? '映射文件有误' : 'the mapping file is wrong');
    await choose(walk, 'mapping-file', 'town.toml', own);
    await choose(walk, 'cases-file', 'town.csv', `${HEAD}${row(`${lang}-own`)}`);
    await look(walk);
    await walk.click('[data-do="import"]');
    await receipt.waitFor();
    const other = (await system.ask<Receipts>('GET', '/cases/import')).items[0];
    expect(other).toMatchObject({ system: `town-${lang}`, new: 1, bad: 0 });
  });
}

journey('the import of cases holds at 375 px, and is for those who may', { size: PHONE }, async (walk) => {
  await walk.signIn('system');
  await walk.open('/admin/import');
  await choose(walk, 'cases-file', 'phone.csv', `${HEAD}${row('p-1')}${row('p-2', 'x'.repeat(200))}`);
  await look(walk);
  expect(await walk.sticksOut()).toEqual([]);
  await walk.picture('cases-import-phone');
  await walk.expectClean();
  await walk.signIn('operator');
  await walk.open('/admin/import');
  expect(await walk.page.locator('[data-part="cases-import"]').count()).toBe(0);
});
