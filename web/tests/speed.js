/**
 * How fast the pages of a running server are, in Debian's Chromium: `npm run speed -- http://127.0.0.1:8400`.
 * Prints a table; nothing here passes or fails. Drawing is by software, so times until a map is drawn say more
 * about this machine than about the page; script time and bytes do not.
 */
import { chromium } from 'playwright-core';

const base = (process.argv[2] ?? 'http://127.0.0.1:8400').replace(/\/$/, '');
const ROUNDS = 5;
const STEPS = 20;
const flags = ['--no-sandbox', '--enable-unsafe-swiftshader', '--disable-background-networking'];
const browser = await chromium.launch({
  executablePath: process.env.TEST_CHROMIUM ?? '/usr/bin/chromium',
  args: flags,
});

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Opens a page in a context of its own and says what it took. */
async function open(context, path) {
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Performance.enable');
  let bytes = 0;
  let script = 0;
  const kinds = new Map();
  client.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength;
    if (kinds.get(requestId) === 'Script') script += encodedDataLength;
  });
  const started = performance.now();
  await page.goto(base + path);
  await page.waitForFunction(() => window.__skyriver_ready === true, null, { timeout: 120_000 });
  const ready = performance.now() - started;
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  );
  return { page, client, ready, paint, bytes, script };
}

async function scriptSeconds(client) {
  const { metrics } = await client.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ScriptDuration').value;
}

const station = await fetch(`${base}/api/v1/places`)
  .then((answer) => answer.json())
  .then(({ places }) => places.find(({ kind }) => kind === 'air_station')?.key);
const pages = ['/', `/station/${station}`, '/assessment', '/ledger', '/screen', '/public', '/admin'];
console.log(
  'page                  first paint ms   ready ms cold   ready ms warm   transferred kB   script kB',
);
for (const path of pages) {
  const cold = [];
  const warm = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const first = await open(context, path);
    await first.page.close();
    const second = await open(context, path);
    cold.push(first);
    warm.push(second);
    await context.close();
  }
  const of = (rows, key) => median(rows.map((row) => row[key]));
  const cells = [
    of(cold, 'paint'),
    of(cold, 'ready'),
    of(warm, 'ready'),
    of(cold, 'bytes') / 1024,
    of(cold, 'script') / 1024,
  ];
  console.log(path.padEnd(20), ...cells.map((cell) => cell.toFixed(0).padStart(14)));
}

const context = await browser.newContext({ viewport: { width: 960, height: 600 } });
const { page, client } = await open(context, '/?test=1');
const steps = [];
for (let step = 0; step < STEPS; step += 1) {
  const before = await scriptSeconds(client);
  await page.keyboard.press('[');
  await page.waitForTimeout(400);
  steps.push((await scriptSeconds(client)) - before);
}
console.log(
  `scrub by one hour: ${(median(steps) * 1000).toFixed(0)} ms of script (median of ${STEPS} steps, live updates included)`,
);
const idle = await scriptSeconds(client);
await page.waitForTimeout(10_000);
const busy = (await scriptSeconds(client)) - idle;
console.log(`live updates: ${(busy * 100).toFixed(1)} ms of script a second over 10 s, looking back`);
await browser.close();
