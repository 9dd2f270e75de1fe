import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { words } from './words';

const table = Object.entries(words);

/** Everything that may use a word: the sources, without the table itself and without tests. */
function sources(): string {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(svelte|ts)$/.test(file) && !/words|\.test\.ts$/.test(file))
    .map((file) => readFileSync(join('src', file), 'utf8'))
    .join('\n');
}

/** `step.${one}` uses every word that begins with `step.`. */
function prefixes(text: string): string[] {
  return [...text.matchAll(/`((?:[a-z_]+\.)+)\$\{/g)].map((found) => found[1] ?? '');
}

test('no cell of the table is empty', () => {
  const empty = table.filter(([, { zh, en }]) => zh.trim() === '' || en.trim() === '');
  expect(empty.map(([key]) => key)).toEqual([]);
});

test('both languages have the same values to fill in', () => {
  const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();
  expect(table.filter(([, { zh, en }]) => values(zh) !== values(en)).map(([key]) => key)).toEqual([]);
});

test('Chinese is written in Chinese, with full-width punctuation', () => {
  const half = table.filter(([, { zh }]) => /\p{Script=Han}[,;:!?()]|[,;:!?()]\p{Script=Han}/u.test(zh));
  expect(half.map(([key]) => key)).toEqual([]);
});

test('every word is used somewhere', () => {
  const text = sources();
  const whole = prefixes(text);
  expect(whole.length).toBeGreaterThan(3);
  const unused = table
    .map(([key]) => key)
    .filter((key) => !text.includes(`'${key}'`) && !whole.some((prefix) => key.startsWith(prefix)));
  expect(unused).toEqual([]);
});
