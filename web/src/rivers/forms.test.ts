import { expect, test } from 'vitest';
import { documentOf, LEDGER, withEntry } from './forms';

test('what was left empty is left out, and both languages make one text', () => {
  const made = documentOf(LEDGER.listed.fields, {
    list: 'outfall',
    thing: ' o-1 ',
    'name.zh': '排口',
    'name.en': '',
    line: '',
  });
  expect(made).toEqual({ list: 'outfall', thing: 'o-1', name: { zh: '排口', en: '' } });
});

test('an entry of a policy replaces the one with its key and leaves the rest of the file', () => {
  const file = { code: 'c', policy: { from: '2026-01-01', tasks: [{ key: 'a' }, { key: 'b' }] } };
  const changed = withEntry(file, { list: 'tasks', key: 'a', progress: '50' });
  expect(changed).toEqual({
    code: 'c',
    policy: { from: '2026-01-01', tasks: [{ key: 'a', progress: '50' }, { key: 'b' }] },
  });
  expect(withEntry(null, { list: 'tasks', key: 'n' })).toEqual({ policy: { tasks: [{ key: 'n' }] } });
});
