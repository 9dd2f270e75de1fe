import { expect } from 'vitest';
import type { Calendar, Compare, Diff, Edition, Rank, Step } from '../src/api/assess';
import type { District, Places } from '../src/api/contract';
import { journey, type Walk } from './rig';

async function airStation(walk: Walk): Promise<string> {
  const { places } = await walk.api<Places>('/places');
  const key = places.find(({ kind }) => kind === 'air_station')?.key;
  if (!key) throw new Error('no air station');
  return key;
}

/** The civil year of the district now, whatever the zone of this machine. */
async function yearNow(walk: Walk): Promise<number> {
  const { now } = await walk.api<District>('/district');
  return Number(new Date(Date.parse(now) + 8 * 3_600_000).toISOString().slice(0, 4));
}

/** Assessed days of a calendar. */
function judged({ days }: Calendar) {
  return days.filter(({ level }) => level !== null);
}

for (const lang of ['zh', 'en'] as const) {
  journey('a day of the calendar opens to its station’s readings and the frame', { lang }, async (walk) => {
    const { page } = walk;
    const key = await airStation(walk);
    const year = await yearNow(walk);
    const calendar = await walk.api<Calendar>(`/assess/calendar?place=${key}&year=${String(year)}`);
    const day = judged(calendar).at(-1);
    if (!day) throw new Error('no day is assessed');
    await walk.open(`/assessment?place=${key}&year=${String(year)}`);
    const cell = page.locator(`[data-part="calendar"] [data-day="${day.day}"]`);
    expect(await cell.innerText()).toBe(String(day.aqi));
    expect(await cell.getAttribute('data-level')).toBe(String(day.level));
    await walk.picture('calendar');
    await walk.expectClean();
    await walk.click(cell);
    expect(new URL(page.url()).pathname).toBe('/explain');
    const step = await walk.api<Step>(`/assess/explain?place=${key}&item=aqi&from=${day.day}&to=${day.day}`);
    const outline = page.locator('[data-part="outline"]');
    expect(await outline.locator('summary .value b').first().innerText()).toBe(step.value);
    await walk.picture('outline');

    // A link to share opens the same.
    const address = page.url();
    await page.goto(address);
    await walk.ready();
    expect(await outline.locator('summary .value b').first().innerText()).toBe(step.value);
    await page.getByRole('button', { name: lang === 'zh' ? '全部展开' : 'Open all' }).click();
    const readings = outline.locator('details[data-part="readings"] > summary');
    await readings.first().click();
    await walk.ready();
    await walk.expectClean();
    await walk.click(outline.locator('a[data-part="station"]').first());
    expect(new URL(page.url()).pathname).toBe(`/station/${key}`);
    expect(await page.locator('[data-part="series"] .chart').count()).toBe(1);
    await page.goBack();
    await walk.ready();
    await page.getByRole('button', { name: lang === 'zh' ? '全部展开' : 'Open all' }).click();
    await walk.click(outline.locator('a[href*="/ledger/frame/"]').first());
    expect(await page.locator('[data-part="hex"]').count()).toBe(1);
  });
}

journey(
  'the calendar shows exactly the days that are over, each with its class',
  { lang: 'en' },
  async (walk) => {
    const year = await yearNow(walk);
    const calendar = await walk.api<Calendar>(`/assess/calendar?district=1&year=${String(year)}`);
    await walk.open(`/assessment?year=${String(year)}`);
    const cells = await walk.page
      .locator('[data-part="calendar"] [data-day]')
      .evaluateAll((all) => all.map((cell) => [cell.dataset.day ?? '', cell.dataset.level ?? '']));
    const wanted = judged(calendar).map(({ day, level }) => [day, String(level)]);
    expect(cells.filter(([, level]) => level !== 'none').sort()).toEqual(wanted.sort());
    const shown = (what: string) =>
      walk.page.locator(`[data-part="counts"] [data-count="${what}"]`).innerText();
    expect(await shown('good')).toBe(String(calendar.counts.good));
    expect(await shown('heavy')).toBe(String(calendar.counts.heavy));
    for (const [level, days] of Object.entries(calendar.counts.by_level)) {
      expect(await walk.page.locator(`[data-part="counts"] [data-level="${level}"]`).innerText()).toBe(
        String(days),
      );
    }
  },
);

journey(
  'another edition stands beside it, and the days that change class are counted',
  { lang: 'en' },
  async (walk) => {
    const { page } = walk;
    const year = String(await yearNow(walk));
    const editions = await walk.api<Edition[]>('/standards/editions');
    const other = editions.find(({ kind, id }) => kind === 'set' && id.includes('2012'))?.id ?? '';
    const [first, second] = await Promise.all(
      ['auto', other].map((id) =>
        walk.api<Calendar>(`/assess/calendar?district=1&year=${year}&edition=${id}`),
      ),
    );
    await walk.open(`/assessment?year=${year}`);
    await page.locator('[data-part="beside"]').selectOption(other);
    await walk.ready();
    const levels = new Map(second?.days.map(({ day, level }) => [day, level]));
    const differ =
      first?.days.filter(({ day, level }) => levels.get(day) !== level).map(({ day }) => day) ?? [];
    const marked = await page
      .locator('[data-part="calendar"]')
      .first()
      .locator('.marked')
      .evaluateAll((all) => all.map((cell) => (cell as HTMLElement).dataset.day ?? ''));
    expect(marked.sort()).toEqual(differ.sort());
    const said = await page.locator('[data-part="differ"]').innerText();
    if (differ.length > 0) expect(said).toContain(String(differ.length));
    await walk.picture('calendars');
  },
);

journey('keys go from day to day, and Enter opens', { lang: 'zh' }, async (walk) => {
  const { page } = walk;
  const year = String(await yearNow(walk));
  await walk.open(`/assessment?year=${year}`);
  const cells = page.locator('[data-part="calendar"] [data-day]');
  expect(await page.locator('[data-part="calendar"] [tabindex="0"]').count()).toBe(1);
  await page.locator('[data-part="calendar"] [tabindex="0"]').focus();
  const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset.day);
  const last = await cells.last().getAttribute('data-day');
  await page.keyboard.press('Home');
  expect(await focused()).toBe(`${year}-01-01`);
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe(`${year}-01-02`);
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe(`${year}-02-02`);
  await page.keyboard.press('End');
  expect(await focused()).toBe(last);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/explain');
  await walk.ready();
});

for (const [lang, theme] of [
  ['zh', 'light'],
  ['en', 'dark'],
] as const) {
  journey('the table of the year against the last says what the API says', { lang, theme }, async (walk) => {
    const { page } = walk;
    await walk.open('/assessment?section=compare');
    const until = await page.locator('main input[type="date"]').inputValue();
    const from = `${until.slice(0, 4)}-01-01`;
    const compare = await walk.api<Compare>(
      `/assess/compare?district=1&from=${from}&to=${until}&against=last_year`,
    );
    expect(await page.locator('[data-part="sentence"]').textContent()).toBe(compare.sentence[lang]);
    const rows = page.locator('[data-part="compare"] tbody tr');
    expect(await rows.count()).toBe(compare.rows.length);
    for (const row of compare.rows) {
      const shown = page.locator(`[data-part="compare"] tr[data-item="${row.item}"]`);
      for (const which of ['this', 'last'] as const) {
        const text = await shown.locator(`[data-cell="${which}"] a`).innerText();
        const cell = row[which];
        expect(text).toBe(cell.value ?? cell.reason?.[lang]);
      }
      if (row.change.absolute !== null) {
        expect(await shown.locator('[data-cell="change"]').innerText()).toContain(row.change.absolute);
      }
    }
    await walk.picture('compare');
    await walk.expectClean();
    await walk.click('[data-part="compare"] tr[data-item="PM2.5"] [data-cell="this"] a');
    expect(new URL(page.url()).pathname).toBe('/explain');
    expect(await page.locator('[data-part="outline"]').count()).toBe(1);
    await walk.picture('outline-year');
  });
}

journey('ranks, water and editions say what the API says', { lang: 'en' }, async (walk) => {
  const { page } = walk;
  await walk.open('/assessment?section=rank');
  const span = (await page.locator('.bar .meta').innerText()).split(' – ');
  const rank = await walk.api<Rank>(
    `/assess/rank?by=place&item=composite&from=${String(span[0])}&to=${String(span[1])}`,
  );
  expect(await page.locator('[data-part="rank"] tbody td:nth-child(2)').allInnerTexts()).toEqual(
    rank.rows.map(({ name }) => name.en),
  );
  await walk.picture('rank');
  await walk.expectClean();
  await walk.open('/assessment?section=water');
  await walk.picture('water');
  await walk.expectClean();
  await walk.open('/assessment?section=editions');
  const editions = await walk.api<Edition[]>('/standards/editions');
  const standing = page.locator('[data-part="editions"] tbody tr');
  expect(await standing.count()).toBe(editions.length);
  const [a, b] = editions.filter(({ kind }) => kind === 'index');
  const diff = await walk.api<Diff>(`/standards/diff?a=${a?.id ?? ''}&b=${b?.id ?? ''}`);
  expect(await page.locator('[data-part="diff"] tbody tr').count()).toBe(diff.rows.length);
  await walk.picture('editions');
});

journey(
  'a year without data, an edition and a place that nobody knows are said',
  { lang: 'en' },
  async (walk) => {
    const { page } = walk;
    await walk.open('/assessment?year=2001');
    expect(await page.locator('[data-part="calendar"] [data-level="none"]').count()).toBe(365);
    expect(await page.locator('[data-count="assessed"]').innerText()).toBe('0');
    await walk.open('/explain');
    expect(await page.locator('.state.empty').count()).toBe(1);
  },
);

for (const width of [320, 768, 1440, 1920]) {
  const size = { width, height: 900 };
  journey(`nothing sticks out at ${String(width)} px`, { lang: 'en', size }, async (walk) => {
    const key = await airStation(walk);
    for (const path of [
      '/assessment',
      '/assessment?section=compare',
      '/assessment?section=rank',
      '/assessment?section=water',
      '/assessment?section=editions',
      `/station/${key}?parameters=pm25,o3`,
      '/ledger',
    ]) {
      await walk.open(path);
      expect(await walk.sticksOut(), path).toEqual([]);
      await walk.picture(`${String(width)}${path}`);
      await walk.expectClean();
    }
  });
}
