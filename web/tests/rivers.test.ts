/** Rivers: from the list to a river, its account, a draw that verifies, a board that prints. */
import { expect } from 'vitest';
import { journey } from './rig';

journey('the list says who answers for a river, and a river opens', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  await walk.open('/rivers');
  expect(await page.locator('tr.river').count()).toBe(4);
  expect(await page.locator('tr.reach').count()).toBeGreaterThan(10);
  expect(await page.locator('tr.river').first().innerText()).toContain('街道级河长');
  await walk.picture('rivers');
  await walk.click('tr.river a');
  expect(await page.locator('[data-part="policy"] tbody tr').count()).toBeGreaterThan(4);
  expect(await page.locator('[data-part="patrols"] tbody tr').count()).toBe(1);
  expect(await page.locator('[data-part="reaches"] path.water').count()).toBeGreaterThan(2);
  // More water, the same load: never called better.
  await page.locator('[data-part="loads"] tbody tr').first().waitFor();
  await walk.picture('river');
});

journey('a draw is verified on the page, and another is sealed', { lang: 'en' }, async (walk) => {
  const { page } = walk;
  await walk.open('/rivers?section=sampling');
  expect(await page.locator('[data-state="opened"] [data-part="verified"]').innerText()).toContain(
    'verified',
  );
  const sealed = page.locator('[data-state="sealed"]');
  expect(await sealed.count()).toBe(1);
  expect(await sealed.innerText()).not.toContain('Seed');
  await walk.picture('sampling');
});

journey('the account adds up and the board has its code', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  await walk.open('/rivers?section=account');
  expect(await page.locator('[data-part="figures"] dd').first().innerText()).toMatch(/\d/);
  await walk.picture('rivers account');
  await walk.expectClean();
  const { rivers } = await walk.api<{ rivers: { line: string }[] }>('/rivers');
  await walk.open(`/rivers/${rivers[0]?.line ?? ''}/board`);
  const width = await page.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth);
  expect(width).toBeGreaterThan(0);
  await walk.picture('board');
});

for (const width of [375, 1440]) {
  const size = { width, height: 900 };
  journey(`rivers: nothing sticks out at ${String(width)} px`, { lang: 'en', size }, async (walk) => {
    const { rivers } = await walk.api<{ rivers: { line: string }[] }>('/rivers');
    const line = rivers[0]?.line ?? '';
    const sections = ['', '?section=account', '?section=sampling', '?section=samples'];
    for (const path of [
      ...sections.map((own) => `/rivers${own}`),
      `/rivers/${line}`,
      `/rivers/${line}/board`,
    ]) {
      await walk.open(path);
      expect(await walk.sticksOut(), path).toEqual([]);
      await walk.picture(`${String(width)}${path}`);
      await walk.expectClean();
    }
  });
}

for (const role of ['operator', 'dispatcher', 'handler', 'system']) {
  journey(`every form of the rivers opens with its fields and closes again (${role})`, {}, async (walk) => {
    const { page } = walk;
    const { rivers } = await walk.api<{ rivers: { line: string }[] }>('/rivers');
    await walk.signIn(role);
    const opened: string[] = [];
    const sections = ['', '?section=account', '?section=sampling', '?section=samples'];
    for (const path of [...sections.map((own) => `/rivers${own}`), `/rivers/${rivers[0]?.line ?? ''}`]) {
      await walk.open(path);
      const buttons = page.locator('[data-part="enter"]');
      // A list may have a sheet in each of its rows: the first ones stand for all.
      for (let at = 0; at < Math.min(await buttons.count(), 3); at += 1) {
        const button = buttons.nth(at);
        opened.push(await button.innerText());
        await button.click();
        const dialog = page.locator('dialog[open]');
        await dialog.waitFor();
        expect(await dialog.locator('input, select, textarea').count(), path).toBeGreaterThan(0);
        expect(await walk.sticksOut(), path).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
      }
      await walk.expectClean();
    }
    expect(opened.length, opened.join(', ')).toBeGreaterThan(0);
  });
}
