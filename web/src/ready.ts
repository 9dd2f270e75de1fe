/**
 * `window.__skyriver_ready`: true while nothing is on its way to the screen.
 *
 * Whoever makes the page wait (a request, a chunk, a map that is still drawing) holds the flag and
 * releases it. Once nobody holds it, two frames pass so that what arrived is drawn, then it is true.
 */

declare global {
  interface Window {
    __skyriver_ready?: boolean;
  }
}

let holders = 0;
let turn = 0;

/** Unsets the flag until the returned function is called; calling that again does nothing. */
export function hold(): () => void {
  holders += 1;
  turn += 1;
  window.__skyriver_ready = false;
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    settle();
  };
}

/** Unsets the flag when the reader goes to another page; it comes back when that page is drawn. */
export function leave(): void {
  const release = hold();
  requestAnimationFrame(release);
}

function settle(): void {
  const mine = ++turn;
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      if (holders === 0 && turn === mine) window.__skyriver_ready = true;
    });
  });
}
