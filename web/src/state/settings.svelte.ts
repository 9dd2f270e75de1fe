/**
 * How this reader wants the page: language, theme, colours of the classes.
 *
 * The address wins (so that a shared link looks the same), then what was chosen last on this machine,
 * then what the browser says.
 */
import { router } from '../router.svelte';

export type Lang = 'zh' | 'en';
export type Theme = 'light' | 'dark';
export type Colours = 'official' | 'safe';

class Settings {
  readonly #kept = $state({ lang: kept('lang'), theme: kept('theme'), colours: kept('colours') });

  readonly lang: Lang = $derived(
    one(
      ['zh', 'en'],
      router.param('lang'),
      this.#kept.lang,
      navigator.language.startsWith('zh') ? 'zh' : 'en',
    ),
  );
  readonly theme: Theme = $derived(
    one(['light', 'dark'], router.param('theme'), this.#kept.theme, darkWanted() ? 'dark' : 'light'),
  );
  readonly colours: Colours = $derived(
    one(['official', 'safe'], router.param('colours'), this.#kept.colours, 'official'),
  );

  /** True in browser tests: no fading, no antialiasing. */
  readonly test: boolean = $derived(router.param('test') === '1');

  /** Whether the navigation shows icons only; the reader's own, not in the address. */
  icons = $state(kept('icons') === 'true');

  fold(icons: boolean): void {
    this.icons = icons;
    keep('icons', String(icons));
  }

  choose(what: 'lang' | 'theme' | 'colours', value: string): void {
    this.#kept[what] = value;
    keep(what, value);
    router.set({ [what]: value }, 'replace');
  }
}

function keep(what: string, value: string): void {
  try {
    localStorage.setItem(`skyriver.${what}`, value);
  } catch {
    // Storage may be refused; then it holds until the page is closed, or by the address.
  }
}

function kept(what: string): string | null {
  try {
    return localStorage.getItem(`skyriver.${what}`);
  } catch {
    return null;
  }
}

function darkWanted(): boolean {
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

/** The first of the wishes that is allowed. */
function one<T extends string>(allowed: readonly T[], ...wishes: (string | null)[]): T {
  for (const wish of wishes) {
    const found = allowed.find((value) => value === wish);
    if (found) return found;
  }
  return allowed[0] as T;
}

export const settings = new Settings();
