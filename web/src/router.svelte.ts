/**
 * The address bar is the page's state. One history, no library.
 *
 * `sticky` parameters (language, theme, colours, the past moment, test) travel with every link, so what is shared looks
 * the same elsewhere; all others belong to the page that set them.
 */
import { leave } from './ready';

export type Page =
  | 'map'
  | 'station'
  | 'ledger'
  | 'frame'
  | 'screen'
  | 'public'
  | 'parts'
  | 'admin'
  | 'signin'
  | 'setup'
  | 'assessment'
  | 'analysis'
  | 'reports'
  | 'explain'
  | 'rivers'
  | 'phone'
  | 'overview'
  | 'programmes'
  | 'schemes'
  | 'cases'
  | 'findings'
  | 'emergency'
  | 'people'
  | 'me'
  | 'nowhere';
export type Changes = Record<string, string | number | null | undefined>;

const STICKY = ['lang', 'theme', 'colours', 'as_of', 'test'] as const;

const PATHS: [Page, RegExp][] = [
  ['map', /^\/$/],
  ['station', /^\/station\/([^/]+)$/],
  ['ledger', /^\/ledger$/],
  ['frame', /^\/ledger\/frame\/(\d+)$/],
  ['screen', /^\/screen$/],
  ['public', /^\/public$/],
  ['parts', /^\/dev\/parts$/],
  ['people', /^\/admin\/((?:people|units|trail|desk|notices)(?:\/.+)?)$/],
  ['admin', /^\/admin(?:\/(.+))?$/],
  ['signin', /^\/sign-in$/],
  ['setup', /^\/setup$/],
  ['assessment', /^\/assessment$/],
  ['analysis', /^\/analysis$/],
  ['reports', /^\/reports$/],
  ['explain', /^\/explain$/],
  ['rivers', /^\/rivers(?:\/(.+))?$/],
  ['phone', /^\/phone(?:\/(.+))?$/],
  ['overview', /^\/overview$/],
  ['programmes', /^\/programmes(?:\/([^/]+))?$/],
  ['schemes', /^\/schemes$/],
  ['cases', /^\/cases(?:\/(.+))?$/],
  ['findings', /^\/findings(?:\/(.+))?$/],
  ['emergency', /^\/emergency(?:\/([^/]+))?$/],
  ['me', /^\/me$/],
];

/** The page that a path names, with its one argument. */
export function match(path: string): { page: Page; argument: string } {
  for (const [page, pattern] of PATHS) {
    const found = pattern.exec(path);
    if (found) return { page, argument: decoded(found[1] ?? '') };
  }
  return { page: 'nowhere', argument: path };
}

/** A hand-edited address may hold a `%` that starts nothing; it is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

class Router {
  #path = $state(location.pathname);
  #search = $state(location.search);
  #found = $derived(match(this.#path));
  #query = $derived(new URLSearchParams(this.#search));

  get page(): Page {
    return this.#found.page;
  }

  get argument(): string {
    return this.#found.argument;
  }

  /** A parameter of the address, or null. */
  param(key: string): string | null {
    return this.#query.get(key);
  }

  /** A link to another page: sticky parameters come along, `changes` are added. */
  href(path: string, changes: Changes = {}): string {
    const next: Changes = {};
    for (const key of STICKY) next[key] = this.param(key);
    return join(path, new URLSearchParams(), { ...next, ...changes });
  }

  /** A link to this page with some parameters changed; null removes one. */
  here(changes: Changes): string {
    return join(this.#path, new URLSearchParams(this.#search), changes);
  }

  /** Goes to an address of ours, as a new step of history. */
  go(href: string): void {
    const before = this.#path;
    history.pushState(null, '', href);
    this.#read(before);
  }

  /** Changes parameters of this page; `replace` makes no new step of history. */
  set(changes: Changes, how: 'push' | 'replace' = 'push'): void {
    const href = this.here(changes);
    if (href === location.pathname + location.search) return;
    if (how === 'replace') {
      history.replaceState(null, '', href);
      this.#read(this.#path);
    } else {
      this.go(href);
    }
  }

  /** Follows back and forward, and clicks on our own links; called once. */
  listen(): void {
    addEventListener('popstate', () => {
      this.#read(this.#path);
    });
    document.addEventListener('click', (event) => {
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin) return;
      if (event.defaultPrevented || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      if (link.hash || match(link.pathname).page === 'nowhere') return;
      event.preventDefault();
      this.go(link.pathname + link.search);
    });
  }

  #read(before: string): void {
    if (location.pathname !== before) leave();
    this.#path = location.pathname;
    this.#search = location.search;
  }
}

function join(path: string, query: URLSearchParams, changes: Changes): string {
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') query.delete(key);
    else query.set(key, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export const router = new Router();
