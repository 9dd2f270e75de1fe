import { expect } from 'vitest';
import type { Locator } from 'playwright-core';
import { journey } from './rig';

/** Text and ground of each chip. */
function chips(row: Locator): Promise<{ text: string; ground: string }[]> {
  return row.locator('[style]').evaluateAll((all) =>
    all.map((chip) => ({
      text: (chip as HTMLElement).innerText.replaceAll(/\s+/g, ' ').trim(),
      ground: getComputedStyle(chip).backgroundColor,
    })),
  );
}

for (const lang of ['zh', 'en'] as const) {
  for (const colours of ['official', 'safe'] as const) {
    journey(
      `classes differ by numeral and word, not only by colour (${lang}, ${colours})`,
      { lang },
      async (walk) => {
        await walk.open(`/dev/parts?colours=${colours}`);
        const air = await chips(walk.page.locator('[data-part="air-chips"]'));
        expect(air.length).toBe(6);
        expect(new Set(air.map(({ text }) => text)).size).toBe(6);
        for (const { text } of air) expect(text).toMatch(/^\d+ .+/);
        expect(new Set(air.map(({ ground }) => ground)).size).toBe(6);
        const water = await chips(walk.page.locator('[data-part="water-chips"]'));
        expect(water.map(({ text }) => text[0] === '>' || text[0] === '劣' || /^[ⅠⅡⅢⅣⅤ]/.test(text))).toEqual(
          Array(6).fill(true),
        );
        expect(new Set(water.map(({ text }) => text)).size).toBe(6);
      },
    );
  }
}

journey('each state of a part says what it is', { lang: 'en' }, async (walk) => {
  await walk.open('/dev/parts');
  const figures = await walk.page.locator('figure').allInnerTexts();
  for (const word of ['17 of 20 hours', 'No findings since', 'is missing', 'first 5 000', 'Try again']) {
    expect(
      figures.some((text) => text.includes(word)),
      word,
    ).toBe(true);
  }
  expect(await walk.page.locator('[data-clock="overdue"]').innerText()).toContain('+3 h');
  expect(await walk.page.locator('[data-balanced="false"]').innerText()).toContain('does not add up');
  await walk.picture('parts');
});
