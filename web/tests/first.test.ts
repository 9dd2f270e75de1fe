import { expect } from 'vitest';
import { journey } from './rig';

for (const lang of ['zh', 'en'] as const) {
  journey(`the home page comes up in ${lang}`, { lang }, async (walk) => {
    await walk.open('/');
    expect(await walk.page.getAttribute('html', 'lang')).toMatch(lang);
    expect(await walk.page.locator('h1').count()).toBe(1);
    expect(await walk.sticksOut()).toEqual([]);
    await walk.picture('home');
  });
}
