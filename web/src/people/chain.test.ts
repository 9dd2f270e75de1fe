import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { verify, type Line } from './chain';

function exported(notes: string[]): Line[] {
  let before = '';
  return notes.map((document, n) => {
    const line = { sequence: n + 1, at_ms: 1000 + n, kind: 'unit', key: 'water', who: 'system', document };
    const text = [before, line.sequence, line.at_ms, line.kind, line.key, line.who, document];
    before = createHash('sha256')
      .update(text.map((field) => `${String(field)}\n`).join(''))
      .digest('hex');
    return { ...line, hash: before };
  });
}

const text = (lines: Line[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

test('an export as it came is whole, and its last hash is told', async () => {
  const lines = exported(['{"a":1}', '水务所', '{}']);
  expect(await verify(text(lines))).toEqual({ count: 3, last: lines[2]?.hash, broken: null });
});

test('a changed line is named, and so is one after a line that was taken out', async () => {
  const lines = exported(['one', 'two', 'three']);
  const changed = lines.map((line, n) => (n === 1 ? { ...line, who: 'nobody' } : line));
  expect((await verify(text(changed))).broken).toBe(2);
  expect((await verify(text(lines.filter((_, n) => n !== 1)))).broken).toBe(3);
});
