/**
 * What can be measured of any page: text that is cut off or covered, keys instead of words, letters without a
 * glyph, controls that the keyboard does not reach. The functions run inside the page.
 */
import type { Page } from 'playwright-core';
import { words } from '../src/words';

/** Names that small fonts lack. */
const RARE = '溇滆浉';

/** Text that a box cuts off without saying so, or that something else lies upon. */
export function unreadable(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = (node.textContent ?? '').trim();
      if (!element || text === '' || element.closest('.unseen, noscript, option, script, style, .skip'))
        continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const name = `${element.tagName.toLowerCase()}.${element.className.toString().split(' ')[0] ?? ''} “${text.slice(0, 40)}”`;
      let isShown = true;
      let isCut = false;
      let isScrolled = false;
      for (let up: Element | null = element; up && up !== document.documentElement; up = up.parentElement) {
        const style = getComputedStyle(up);
        if (style.textOverflow === 'ellipsis') isCut = false;
        if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
        const frame = up.getBoundingClientRect();
        const scrolls = /auto|scroll/.test(style.overflowX + style.overflowY);
        const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
        const isInside =
          middle.x >= frame.left &&
          middle.x <= frame.right &&
          middle.y >= frame.top &&
          middle.y <= frame.bottom;
        if (!isInside) isShown = false;
        const says = style.textOverflow === 'ellipsis';
        if (!isScrolled && !says && !scrolls && (box.right > frame.right + 2 || box.left < frame.left - 2))
          isCut = true;
        // What lies beyond the edge of a box that scrolls is not lost.
        if (scrolls) isScrolled = true;
      }
      if (isCut && isShown) found.push(`cut: ${name}`);
      if (!isShown) continue;
      const x = (box.left + box.right) / 2;
      const y = (box.top + box.bottom) / 2;
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
      const top = document.elementFromPoint(x, y);
      // What the pointer goes through does not tell who lies on top.
      if (getComputedStyle(element).pointerEvents === 'none') continue;
      if (top && top !== element && !element.contains(top) && !top.contains(element)) {
        found.push(`covered by ${top.tagName.toLowerCase()}.${top.className.toString()}: ${name}`);
      }
    }
    return [...new Set(found)];
  });
}

/** Keys of words, values that nobody filled in, and what scripts print when something is missing. */
export async function raw(page: Page): Promise<string[]> {
  const text = await page.evaluate(() => document.body.innerText);
  const keys = text.match(/\b[a-z]+\.[a-z_]+\b/g) ?? [];
  const odd = text.match(/\{\w+\}|\bundefined\b|\bNaN\b|\[object/g) ?? [];
  return [...keys.filter((key) => key in words), ...odd];
}

/** Letters of the page, and rare ones, that are drawn as the box of a missing glyph. */
export function tofu(page: Page): Promise<string[]> {
  return page.evaluate((rare) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 24;
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    if (!pen) throw new Error('no canvas to draw letters on');
    pen.font = `16px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = 'top';
    const drawn = (letter: string): string => {
      pen.clearRect(0, 0, 24, 24);
      pen.fillText(letter, 2, 2);
      return pen.getImageData(0, 0, 24, 24).data.join();
    };
    const boxes = ['\u{10FFFE}', '\u{EFFFF}'].map(drawn);
    const letters = new Set(rare + document.body.innerText.replace(/\s/g, ''));
    return [...letters].filter((letter) => boxes.includes(drawn(letter)));
  }, RARE);
}

/** Controls that can be seen and that the tab key, from the top of the page, does not come to. */
export async function unreached(page: Page): Promise<string[]> {
  const count = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, summary, [tabindex="0"]',
    );
    const wanted = [...all].filter((one) => {
      const isOff =
        one.matches(':disabled, [tabindex="-1"]') || !one.checkVisibility({ visibilityProperty: true });
      // Of a group of radio buttons the tab key comes to the chosen one; arrows do the rest.
      return !isOff && !(one.matches('[type="radio"]') && !one.matches(':checked'));
    });
    for (const one of wanted) one.setAttribute('data-wanted', '');
    addEventListener('focusin', ({ target }) => {
      if (target instanceof Element) target.removeAttribute('data-wanted');
    });
    (document.activeElement as HTMLElement | null)?.blur();
    return wanted.length;
  });
  for (let pressed = 0; pressed < count + 10; pressed += 1) await page.keyboard.press('Tab');
  return page.evaluate(() =>
    [...document.querySelectorAll('[data-wanted]')].map((one) => one.outerHTML.slice(0, 120)),
  );
}
