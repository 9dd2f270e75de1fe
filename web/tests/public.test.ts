import { expect, inject, test } from 'vitest';
import type { AirIndex, IndexNow } from '../src/api/contract';
import { journey } from './rig';

for (const lang of ['zh', 'en'] as const) {
  journey('the public page shows index, advice and every station', { lang }, async (walk) => {
    await walk.open('/public');
    const index = await walk.api<IndexNow>('/index/now');
    const { categories } = await walk.api<AirIndex>('/standards/air-index');
    const text = await walk.page.locator('article').innerText();
    if (index.district.aqi === null) throw new Error('the district has no index');
    expect(text).toContain(String(index.district.aqi));
    const category = categories.find(({ level }) => level === index.district.level);
    expect(text).toContain(category?.advice_sensitive[lang] ?? '?');
    const stations = await walk.page.locator('.stations tbody tr').count();
    expect(stations).toBe(index.items.filter(({ place }) => place.startsWith('std-')).length);
    await walk.picture('public');
  });
}

test('without script the numbers stand in the HTML, in the language of the browser', async () => {
  const index = (await (await fetch(new URL('/api/v1/index/now', inject('server')))).json()) as IndexNow;
  for (const [language, word] of [
    ['zh-CN', '空气质量'],
    ['en-GB', 'air quality'],
  ] as const) {
    const headers = { 'accept-language': language };
    const html = await (await fetch(new URL('/public', inject('server')), { headers })).text();
    const numbers = /<noscript>(.*?)<\/noscript>/s.exec(html)?.[1] ?? '';
    expect(numbers).toContain(word);
    expect(numbers).toContain(`AQI ${String(index.district.aqi)}`);
  }
});
