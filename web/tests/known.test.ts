import { expect } from 'vitest';
import type { Places } from '../src/api/contract';
import { journey } from './rig';

for (const lang of ['zh', 'en'] as const) {
  journey('the page as it was known at a past moment', { lang }, async (walk) => {
    const { page } = walk;
    const { sequence } = await walk.api<{ sequence: number }>('/known');
    const { places } = await walk.api<Places>('/places');
    const station = places.find(({ kind }) => kind === 'air_station');
    if (!station) throw new Error('no air station');
    await walk.open(`/station/${station.key}`);
    expect(await page.locator('[data-part="past"]').count()).toBe(0);
    await page.locator('[data-part="known"]').click();
    await page.locator('dialog[open] input[type="number"]').fill(String(sequence));
    await page.locator('dialog[open] button[type="submit"]').click();
    await page.waitForURL((url) => url.searchParams.get('as_of') === String(sequence));
    await walk.ready();
    const banner = await page.locator('[data-part="past"]').innerText();
    expect(banner.replace(/[\s,\u202f\u2009]/g, '')).toContain(String(sequence));
    expect(await page.locator('.frame.past').count()).toBe(1);
    await walk.picture('as-of');
    await walk.expectClean();
    // The moment travels with every link, and nothing can be changed from there.
    expect(await page.locator('nav a[href*="as_of="]').count()).toBeGreaterThan(0);
    expect(await page.locator('[data-part="correct"]').count()).toBe(0);
    await page.locator('[data-part="past"] button').click();
    await page.waitForURL((url) => !url.searchParams.has('as_of'));
    await walk.ready();
    expect(await page.locator('[data-part="past"]').count()).toBe(0);
  });
}

journey('a series corrected and as it was sent', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  const { places } = await walk.api<Places>('/places');
  const station = places.find(({ kind }) => kind === 'air_station');
  if (!station) throw new Error('no air station');
  await walk.open(`/station/${station.key}`);
  await walk.click('[data-part="raw"]');
  expect(new URL(page.url()).searchParams.get('raw')).toBe('1');
  expect(await page.locator('[data-part="corrections"]').count()).toBe(1);
  await walk.picture('corrections');
});
