/** People: an account from its making to its second factor, by three managers none of whom can do it alone. */
import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { Caller, journey, type Walk } from './rig';

const SIZE = { width: 1280, height: 800 };
/** Refusals that these walks bring about. */
const REFUSED = /40[0139]/;
const PASSWORD = 'paper kites over the river';

/** The six digits of an authenticator (RFC 6238) now. */
function code(key: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const letter of key.replaceAll('=', '')) bits += letters.indexOf(letter).toString(2).padStart(5, '0');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', bytes).update(counter).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function signInAs(walk: Walk, name: string, password: string): Promise<void> {
  await walk.page.context().clearCookies();
  await walk.open('/sign-in');
  await walk.page.locator('main input[autocomplete="username"]').fill(name);
  await walk.page.locator('main input[type="password"]').fill(password);
  await walk.click('main form button[type="submit"]');
}

for (const lang of ['zh', 'en'] as const) {
  journey(
    `an account is made, gets its password by a one-time link, a role, and a second factor (${lang})`,
    { lang, size: SIZE, forgiven: REFUSED },
    async (walk) => {
      const { page } = walk;
      const name = `walker-${lang}-${String(Date.now())}`;
      await walk.signIn('system');
      await walk.open('/admin/people');
      await walk.click('button[aria-expanded]');
      await page.locator('[data-form="person"] [name="name"]').fill(name);
      await page.locator('[data-form="person"] [name="shown"]').fill('<b>markup</b>');
      await page.locator('[data-form="person"] [name="unit"]').selectOption('water');
      await walk.click('[data-form="person"] button[type="submit"]');
      const link = await page.locator('[data-part="link"] code').innerText();
      await walk.expectClean();
      expect(await page.locator('[data-part="people"]').innerText()).toContain('<b>markup</b>');

      // Its owner opens the link, once.
      await walk.open(new URL(link).pathname + new URL(link).hash);
      expect(await page.locator('input[autocomplete="username"]').count()).toBe(0);
      for (const field of await page.locator('main input[type="password"]').all()) await field.fill(PASSWORD);
      await walk.click('main form button[type="submit"]');
      await page.locator('[data-part="set"]').waitFor();
      await walk.open('/sign-in');
      await walk.open(new URL(link).pathname + new URL(link).hash);
      for (const field of await page.locator('main input[type="password"]').all()) await field.fill(PASSWORD);
      await walk.click('main form button[type="submit"]');
      await page.locator('[role="alert"]').waitFor();

      // A role, by the security manager, with a scope.
      await walk.signIn('security');
      await walk.open(`/admin/people/${name}`);
      await page.locator('[data-form="role"] [name="role"]').selectOption('handler');
      await page.locator('[data-form="role"] [name="unit"]').selectOption('water');
      await walk.click('[data-form="role"] button[type="submit"]');
      await page.locator('[data-part="done"]').waitFor();
      expect(await page.locator('[data-part="roles"] li').count()).toBe(1);
      await walk.expectClean();
      await walk.picture('person');

      // The authenticator: switched on by a first code, then asked for.
      await signInAs(walk, name, PASSWORD);
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
      await walk.open('/me');
      await walk.click('[data-do="factor"]');
      const key = await page.locator('[data-part="key"]').innerText();
      const recovery = await page.locator('.codes code').first().innerText();
      await walk.expectClean();
      await page.locator('[data-form="factor"] [name="code"]').fill(code(key));
      await walk.click('[data-form="factor"] button[type="submit"]');
      await page.locator('[data-part="factor"] b').waitFor();
      await walk.click('main section .buttons button');
      await signInAs(walk, name, PASSWORD);
      await page.locator('main input[name="code"]').waitFor();
      await page.locator('main input[name="code"]').fill('000000');
      await walk.click('main form button[type="submit"]');
      await page.locator('[role="alert"]').waitFor();
      await page.locator('main input[type="password"]').fill(PASSWORD);
      await page.locator('main input[name="code"]').fill(recovery);
      await walk.click('main form button[type="submit"]');
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
      await walk.ready();

      // What is not theirs says which right is missing.
      await walk.open('/admin/trail');
      expect(await page.locator('main').innerText()).toContain(name);
      expect(await page.locator('[data-part="trail"]').count()).toBe(0);
    },
    120_000,
  );
}

journey(
  'the security manager ends everybody’s sessions but their own',
  { lang: 'en', size: SIZE },
  async (walk) => {
    const { page } = walk;
    const operator = await Caller.signIn('operator');
    const own = await operator.ask<unknown[]>('GET', '/me/sessions');
    expect(own.length).toBeGreaterThan(0);
    await walk.signIn('security');
    await walk.open('/admin/people');
    await walk.click('[data-do="everybody-out"]');
    expect(await page.locator('[data-part="ended"]').count(), 'asked twice').toBe(0);
    await walk.click('[data-do="everybody-out"]');
    expect(await page.locator('[data-part="ended"]').innerText()).toMatch(/^[1-9]\d* sessions ended$/);
    await walk.expectClean();
    await expect(operator.ask('GET', '/me/sessions')).rejects.toThrow(/not_signed_in/);
    await walk.open('/admin/people');
    expect(await page.locator('[data-part="people"] tbody tr').count()).toBeGreaterThan(3);
  },
);

journey('the trail is read, and its chain checked', { lang: 'en', size: SIZE }, async (walk) => {
  const { page } = walk;
  await walk.signIn('audit');
  await walk.open('/admin/trail?kind=account');
  expect(await page.locator('[data-part="trail"] tbody tr').count()).toBeGreaterThan(3);
  await walk.click('[data-do="check"]');
  const said = await page.locator('[data-part="chain"]').innerText();
  expect(said).toContain('chain is whole');
  expect(said).toMatch(/[0-9a-f]{64}/);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  expect((await saved).suggestedFilename()).toBe('audit.csv');
});

journey(
  'a broken document of categories changes nothing and says where; a good one holds at once',
  { lang: 'en', size: SIZE, forgiven: REFUSED },
  async (walk) => {
    const { page } = walk;
    await walk.signIn('system');
    await walk.open('/admin/desk');
    const before = await page.locator('[data-part="categories"] tbody tr').count();
    await walk.click('[data-setting="categories"]');
    const text = await page.locator('#setting').inputValue();
    await page.locator('#setting').fill(`${text}\n[[category]]\nkey = 1`);
    await walk.click('main form button[type="submit"]');
    await page.locator('[role="alert"]').waitFor();
    await page
      .locator('#setting')
      .fill(
        `${text}\n[[category]]\nkey = "kites-${String(Date.now())}"\nname = { zh = "风筝", en = "kites" }\nallowed = { amount = 2, counting = "working_days" }\nsource = "a journey"\n`,
      );
    await walk.click('main form button[type="submit"]');
    await page.locator('[data-part="saved"]').waitFor();
    await expect.poll(() => page.locator('[data-part="categories"] tbody tr').count()).toBe(before + 1);
  },
);

for (const [role, paths] of [
  ['system', ['/admin/people', '/admin/units', '/admin/desk', '/me']],
  ['audit', ['/admin/trail']],
  ['security', ['/admin/people/handler']],
] as const) {
  journey(
    `no page of people sticks out at 375 px (${role})`,
    { lang: 'zh', size: { width: 375, height: 812 } },
    async (walk) => {
      await walk.signIn(role);
      for (const path of paths) {
        await walk.open(path);
        expect(await walk.sticksOut(), path).toEqual([]);
        await walk.expectClean();
      }
    },
  );
}
