/** Builds the service worker, and tells it which files the phone pages are made of. */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const WORKER = 'worker.js';
/** The pages that open without a network; what they import comes along. */
const PAGES = ['/phone/PhonePage.svelte', '/setup/SignInPage.svelte', '/src/words.rest.ts'];

interface Chunk {
  type: 'chunk';
  code: string;
  isEntry: boolean;
  imports: string[];
  facadeModuleId: string | null;
  viteMetadata?: { importedCss: Set<string> };
}

export function offline(): Plugin {
  return {
    name: 'skyriver-offline',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'chunk', id: 'worker/worker.ts', fileName: WORKER });
    },
    generateBundle(_, bundle) {
      const chunks = bundle as unknown as Record<string, Chunk | { type: 'asset' }>;
      const chunk = (name: string): Chunk | null => {
        const one = chunks[name];
        return one?.type === 'chunk' ? one : null;
      };
      const files = new Set<string>();
      const take = (name: string): void => {
        const one = chunk(name);
        if (!one || files.has(name)) return;
        files.add(name);
        one.viteMetadata?.importedCss.forEach((css) => files.add(css));
        one.imports.forEach(take);
      };
      for (const name of Object.keys(chunks)) {
        const one = chunk(name);
        const isPage = PAGES.some((page) => one?.facadeModuleId?.endsWith(page));
        if (name !== WORKER && (one?.isEntry || isPage)) take(name);
      }
      const list = [...files].sort().map((file) => `/${file}`);
      list.push('/icon.svg', '/manifest.webmanifest');
      const version = createHash('sha256').update(list.join()).digest('hex').slice(0, 12);
      const worker = chunk(WORKER);
      if (!worker?.code.includes('__FILES__')) this.error('the service worker has no list of files');
      else worker.code = worker.code.replaceAll('__FILES__', JSON.stringify([version, list]));
    },
  };
}
