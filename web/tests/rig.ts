/**
 * Journeys in a real Chromium against the real binary.
 *
 * `journey` opens a page of its own and hands over a {@link Walk}. When the walk is over it asserts what must
 * hold on every page: no request to another host, no error in the console, nothing serious for axe.
 *
 *     journey('the map is drawn', { lang: 'zh' }, async (walk) => {
 *       await walk.open('/');
 *       expect(await walk.colours('canvas')).toHaveProperty('#00e400');
 *       await walk.picture('map');
 *     });
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

/**
 * Seconds that the browser's clock runs ahead, for a walk at another hour of the day; the server's clock is moved by whoever
 * starts it (`faketime`).
 */
const AHEAD_S = Number(process.env.TEST_AHEAD_S ?? 0);
const CHROMIUM = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';
/** Pictures for a person to look at; never compared. */
const PICTURES = resolve(process.env.TEST_PICTURES ?? join('..', 'target', 'pictures'));
const FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];
/** The page is ready, or the journey fails: software drawing on two busy cores is slow. */
const READY_MS_MAX = 60_000;
/**
 * Questions that may have no answer (nothing rose, too little was measured): the page shows the reason and the journey goes
 * on, but the browser writes every refusal into its console. Which of the demo's hours have one depends on the time of day.
 */
const UNANSWERED = /status of 422 .*\/api\/v1\/(trace|forecast|effect|plots|emergency\/proposal)[/?]/;

export interface Options {
  /** Default zh. */
  lang?: 'zh' | 'en';
  /** Default light. */
  theme?: 'light' | 'dark';
  /** CSS pixels; default 960 × 600, since drawing is by software. */
  size?: { width: number; height: number };
  /** Errors of the console that this journey brings about itself, such as a lost network. */
  forgiven?: RegExp;
  /** Where the reader stands, degrees east and north; without it the browser refuses to say. */
  at?: [number, number];
}

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});

afterAll(async () => {
  await browser.close();
});

/** A test that walks through pages; what must hold everywhere is asserted at its end. */
export function journey(
  name: string,
  options: Options,
  walk: (walk: Walk) => Promise<void>,
  timeout_ms?: number,
): void {
  test(name, { ...(timeout_ms === undefined ? {} : { timeout: timeout_ms }) }, async () => {
    const walker = await Walk.begin(options);
    try {
      await walk(walker);
      await walker.expectClean();
    } catch (error) {
      await walker.picture(`failed-${name}`);
      throw error;
    } finally {
      await walker.end();
    }
  });
}

/** One reader in one window. */
export class Walk {
  /** Playwright's page, for everything that has no method here. */
  readonly page: Page;
  readonly lang: 'zh' | 'en';
  readonly theme: 'light' | 'dark';
  readonly #context: BrowserContext;
  readonly #foreign: string[] = [];
  readonly #errors: string[] = [];
  readonly #forgiven: RegExp | null;

  private constructor(context: BrowserContext, page: Page, options: Options) {
    this.#context = context;
    this.page = page;
    this.lang = options.lang ?? 'zh';
    this.theme = options.theme ?? 'light';
    this.#forgiven = options.forgiven ?? null;
    const watch = (address: string): void => {
      if (!isOurs(address)) this.#foreign.push(address);
    };
    page.on('request', (request) => {
      watch(request.url());
    });
    page.on('websocket', (socket) => {
      watch(socket.url());
    });
    page.on('pageerror', (error) => this.#errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(`${message.text()} (${message.location().url})`);
    });
  }

  /** Opens a window. The reader sits in another zone than the district: the page must not follow the machine. */
  static async begin(options: Options): Promise<Walk> {
    const context = await browser.newContext({
      viewport: options.size ?? { width: 960, height: 600 },
      locale: options.lang === 'en' ? 'en-GB' : 'zh-CN',
      timezoneId: 'America/Lima',
      colorScheme: options.theme ?? 'light',
      reducedMotion: 'reduce',
      ...(options.at
        ? {
            geolocation: { longitude: options.at[0], latitude: options.at[1], accuracy: 12 },
            permissions: ['geolocation'],
          }
        : {}),
    });
    // As an init script, since the page's policy allows no other way in.
    await context.addInitScript({ content: axe.source });
    if (AHEAD_S !== 0) await context.addInitScript(runAhead, AHEAD_S * 1000);
    return new Walk(context, await context.newPage(), options);
  }

  async end(): Promise<void> {
    await this.#context.close();
  }

  /** Goes to an address of the page and waits until it is drawn. */
  async open(path: string): Promise<void> {
    const address = new URL(path, inject('server'));
    const settings = { lang: this.lang, theme: this.theme, test: '1' };
    for (const [key, value] of Object.entries(settings)) address.searchParams.set(key, value);
    await this.page.goto(address.href);
    await this.ready();
  }

  /** Waits until the page says that nothing is on its way to the screen. */
  async ready(): Promise<void> {
    await this.page.waitForFunction(() => window.__skyriver_ready === true, undefined, {
      timeout: READY_MS_MAX,
    });
  }

  /** Signs in as the demo's account of a role, through the page. */
  async signIn(role: string): Promise<void> {
    const password = inject('passwords')[role];
    if (!password) throw new Error(`the demo printed no password for ${role}`);
    await this.#context.clearCookies();
    await this.open('/sign-in');
    await this.page.locator('main input[autocomplete="username"]').fill(role);
    await this.page.locator('main input[type="password"]').fill(password);
    await this.click('main form button[type="submit"]');
    await this.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    await this.ready();
  }

  /** Takes the network away, or gives it back. */
  async network(on: boolean): Promise<void> {
    await this.#context.setOffline(!on);
  }

  /** Clicks, then waits until what came of it is drawn. */
  async click(what: string | Locator): Promise<void> {
    await (typeof what === 'string' ? this.page.locator(what).first() : what).click();
    await this.ready();
  }

  /** An answer of the API, as the page gets it. */
  async api<T>(path: string): Promise<T> {
    const response = await fetch(new URL(`/api/v1${path}`, inject('server')));
    expect(response.status, path).toBe(200);
    return (await response.json()) as T;
  }

  /** Keeps a picture of the window for a person to look at. */
  async picture(name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    const file = `${name} ${this.lang} ${this.theme}`.replaceAll(/[^\p{L}\p{N}]+/gu, '-');
    await this.page.screenshot({ path: join(PICTURES, `${file}.png`) });
  }

  /** How many pixels of each colour (`#rrggbb`) are on the screen inside the box of the first match. */
  async colours(selector: string): Promise<Record<string, number>> {
    const png = await this.page.locator(selector).first().screenshot();
    return this.page.evaluate(countColours, png.toString('base64'));
  }

  /** Elements that stick out of the window to the right: nothing may, at any width. */
  async sticksOut(): Promise<string[]> {
    return this.page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      const scrolls = (element: Element | null): boolean =>
        element !== null &&
        !element.matches('main') &&
        (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement));
      const isOut = (element: Element): boolean =>
        element.getBoundingClientRect().right > width + 1 &&
        !scrolls(
          getComputedStyle(element).position === 'absolute'
            ? (element as HTMLElement).offsetParent
            : element.parentElement,
        );
      // The page scrolls inside its frame, so that is where it could be too wide.
      const boxes = [document.documentElement, ...document.querySelectorAll('main')];
      const isWide = boxes.some((box) => box.scrollWidth > box.clientWidth + 1);
      const out = isWide ? [...document.body.querySelectorAll('*')].filter(isOut) : [];
      return out.map((element) => `${element.tagName.toLowerCase()}.${element.className.toString()}`);
    });
  }

  /** What must hold on every page; called by `journey` at the end, and by a walk before it leaves a page. */
  async expectClean(): Promise<void> {
    expect(this.#foreign, 'requests to other hosts').toEqual([]);
    const errors = this.#errors.filter((text) => !UNANSWERED.test(text) && !this.#forgiven?.test(text));
    expect(errors, 'errors in the console').toEqual([]);
    expect(await this.#barriers(), 'serious or critical for axe').toEqual([]);
  }

  async #barriers(): Promise<string[]> {
    const results = await this.page.evaluate(async () => {
      const found = await window.axe.run(document, { resultTypes: ['violations'] });
      return found.violations.map(({ impact, id, help, nodes }) => ({
        impact,
        text: `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
      }));
    });
    return results
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ text }) => text);
  }
}

/** Somebody who asks the API without a page: what a journey needs to be there before it begins. */
export class Caller {
  readonly #cookie: string;
  readonly #csrf: string;

  private constructor(cookie: string, csrf: string) {
    this.#cookie = cookie;
    this.#csrf = csrf;
  }

  static async signIn(role: string): Promise<Caller> {
    const answer = await fetch(new URL('/api/v1/session', inject('server')), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: role, password: inject('passwords')[role] }),
    });
    expect(answer.status, `sign in as ${role}`).toBe(200);
    const { csrf } = (await answer.json()) as { csrf: string };
    return new Caller(answer.headers.get('set-cookie')?.split(';')[0] ?? '', csrf);
  }

  async ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
    const answer = await fetch(new URL(`/api/v1${path}`, inject('server')), {
      method,
      headers: {
        cookie: this.#cookie,
        'x-skyriver-csrf': this.#csrf,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    expect(answer.status, `${method} ${path}: ${text.slice(0, 400)}`).toBe(200);
    return JSON.parse(text) as T;
  }

  /** A case that was reported, filed and dispatched to a unit. */
  async dispatched(dispatcher: Caller, text: string, place: string): Promise<string> {
    const id = () => crypto.randomUUID();
    const report = { id: id(), source: 'hotline', category: 'dust-site', text, place };
    const { number } = await this.ask<{ number: string }>('POST', '/cases', report);
    const moves = `/cases/${number}/moves`;
    await this.ask('POST', moves, { id: id(), move: 'file' });
    await dispatcher.ask('POST', moves, { id: id(), move: 'dispatch', unit: 'enforcement' });
    return number;
  }
}

/** Runs inside the page: the browser itself decodes the picture. */
async function countColours(base64: string): Promise<Record<string, number>> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  if (!canvas) throw new Error('no canvas to count on');
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  const counts: Record<string, number> = {};
  for (let at = 0; at < data.length; at += 4) {
    const rgb = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    const key = `#${rgb.toString(16).padStart(6, '0')}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Runs inside the page: its clock goes as before, only so much ahead. */
function runAhead(ahead_ms: number): void {
  const Real = Date;
  const now = (): number => Real.now() + ahead_ms;
  window.Date = new Proxy(Real, {
    construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given) as Date,
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  });
}

/** Ours: the server under test, and what the page made itself. */
function isOurs(address: string): boolean {
  const { protocol, host } = new URL(address);
  return ['data:', 'blob:', 'about:'].includes(protocol) || host === new URL(inject('server')).host;
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
