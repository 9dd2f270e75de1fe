import { expect, test } from 'vitest';
import type { Scheme } from '../api/account';
import { asked, draftsFor, draftsOf } from './sources';

const stated = { name: 'A', item: 'PM2.5', takes: 'excess', reference: '35' };
const open = { name: 'B', item: null, takes: null, reference: null };
const scheme = { inputs: [stated, open] } as unknown as Scheme;

test('what a scheme does not say stays empty and is never guessed', () => {
  expect(draftsOf(scheme)).toEqual([stated, { name: 'B', item: '', takes: '', reference: 'mean' }]);
});

test('what was chosen before stays when the document changes', () => {
  const chosen = { name: 'B', item: 'PM10', takes: 'place', reference: 'mean' };
  expect(draftsOf(scheme, [{ ...stated, item: 'O3' }, chosen])).toEqual([stated, chosen]);
});

test('only what compares sends a reference', () => {
  const drafts = [stated, { name: 'B', item: 'PM10', takes: 'place', reference: 'mean' }];
  expect(asked(drafts)).toEqual([stated, { name: 'B', item: 'PM10', takes: 'place' }]);
});

test('for other units an item and a way that they do not have are to be chosen again', () => {
  const load = { name: 'A', item: 'cod', takes: 'load', reference: '' };
  expect(draftsFor('section', [load])).toEqual([load]);
  expect(draftsFor('place', [load])).toEqual([{ ...load, item: '', takes: '' }]);
  expect(draftsFor('section', [stated])).toEqual([{ ...stated, item: '' }]);
});
