/**
 * Who sits here, as the server knows: name, roles, rights, and the token that every change must carry.
 *
 * Readers need no account, so nothing is asked of the server until somebody has signed in on this machine or
 * opens a page that needs it.
 */
import { get } from '../api/client';
import { send } from '../api/send';
import { Resource } from './resource.svelte';

/** A role that somebody holds, and the unit, area and subject to which it is limited. */
export interface Held {
  role: string;
  unit: string | null;
  area: string | null;
  subject: string | null;
}

export interface SessionAnswer {
  signed_in: boolean;
  name: string | null;
  roles: Held[];
  /** What these roles let them do, somewhere at least. */
  rights: string[];
  csrf: string | null;
  expires: string | null;
  /** Nobody has an account yet: the one-time links printed at start make the first three. */
  first_start: boolean;
}

const KEPT = 'skyriver.signed';

class Session {
  readonly #answer = new Resource<SessionAnswer>();
  /** True when the server ended a session that was open here. */
  ended = $state(false);

  readonly name = $derived(this.#answer.data?.signed_in ? this.#answer.data.name : null);
  readonly roles = $derived(this.#answer.data?.signed_in ? this.#answer.data.roles : []);
  readonly rights = $derived(this.#answer.data?.signed_in ? this.#answer.data.rights : []);
  readonly mayWrite = $derived(this.rights.includes('registry'));
  readonly firstStart = $derived(this.#answer.data?.first_start ?? false);
  readonly answer = this.#answer;

  /** Asks, when somebody signed in here before. */
  recall(): void {
    if (kept()) void this.load();
  }

  load(): Promise<void> {
    return this.#answer.load((signal) => get('/session', {}, { signal }));
  }

  /** `code` of an authenticator, or empty. */
  async signIn(name: string, password: string, code = ''): Promise<void> {
    this.#take(
      await send<SessionAnswer>('POST', '/session', { body: { name, password, code: code || null } }),
    );
  }

  /** Gives the password once more: rights, secrets and accounts may then be changed for some minutes. */
  async prove(password: string, code = ''): Promise<void> {
    const body = { password, code: code || null };
    this.#take(await send<SessionAnswer>('POST', '/session/proof', { body, headers: this.headers() }));
  }

  /** Sets a password by a one-time link; nobody is signed in by that. */
  async setByLink(token: string, password: string): Promise<void> {
    await send<unknown>('POST', '/session/link', { body: { token, password } });
  }

  may(right: string): boolean {
    return this.rights.includes(right);
  }

  async setUp(token: string, name: string, password: string): Promise<void> {
    this.#take(await send<SessionAnswer>('POST', '/setup', { body: { token, name, password } }));
  }

  async signOut(): Promise<void> {
    await send<unknown>('DELETE', '/session', { headers: this.headers() });
    keep(false);
    await this.load();
  }

  /** What a change must carry. */
  headers(): Record<string, string> {
    const csrf = this.#answer.data?.csrf;
    return csrf ? { 'x-skyriver-csrf': csrf } : {};
  }

  /** The server does not know this session any more: say so once, and keep what is on the page. */
  end(): void {
    if (!this.#answer.data?.signed_in) return;
    this.ended = true;
    this.#answer.data = {
      ...this.#answer.data,
      signed_in: false,
      name: null,
      roles: [],
      rights: [],
      csrf: null,
    };
  }

  #take(answer: SessionAnswer): void {
    this.#answer.data = answer;
    this.ended = false;
    keep(true);
  }
}

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) === '1';
  } catch {
    return false;
  }
}

function keep(signed: boolean): void {
  try {
    if (signed) localStorage.setItem(KEPT, '1');
    else localStorage.removeItem(KEPT);
  } catch {
    // Without storage the next visit begins signed out on the page; the cookie still holds.
  }
}

export const session = new Session();
