/** Installs the service worker, where there is one: then the phone pages open without a network. */

export type Offline = 'ready' | 'installing' | 'impossible';

/** Resolves when the page's files are kept on this machine, or cannot be. */
export async function register(): Promise<Offline> {
  if (!('serviceWorker' in navigator)) return 'impossible';
  try {
    await navigator.serviceWorker.register('/worker.js', { scope: '/' });
    await navigator.serviceWorker.ready;
    return 'ready';
  } catch {
    // In-app browsers and private windows refuse: the page then says that it works online only.
    return 'impossible';
  }
}
