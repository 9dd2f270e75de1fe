import { expect, test } from 'vitest';
import type { Scheme } from '../api/account';
import { asked, askedScore, draftsFor, draftsOf, scoreOf } from './sources';

const says = { name: 'A', item: 'PM2.5', takes: 'excess', reference: '35' };
const stated = { ...says, share: null };
const open = { name: 'B', item: null, takes: null, reference: null, days_percent_min: null };
const scheme = {
  key: 's',
  best: null,
  inputs: [{ ...says, days_percent_min: null }, open],
} as unknown as Scheme;

test('what a scheme does not say stays empty and is never guessed', () => {
  expect(draftsOf(scheme)).toEqual([
    stated,
    { name: 'B', item: '', takes: '', reference: 'mean', share: null },
  ]);
});

test('what was chosen before stays when the document changes', () => {
  const chosen = { name: 'B', item: 'PM10', takes: 'place', reference: 'mean', share: null };
  expect(draftsOf(scheme, [{ ...stated, item: 'O3' }, chosen])).toEqual([stated, chosen]);
});

test('only what compares sends a reference', () => {
  const drafts = [stated, { name: 'B', item: 'PM10', takes: 'place', reference: 'mean', share: null }];
  expect(asked('place', drafts)).toEqual([says, { name: 'B', item: 'PM10', takes: 'place' }]);
});

test('for other units an item and a way that they do not have are to be chosen again', () => {
  const load = { name: 'A', item: 'cod', takes: 'load', reference: '', share: null };
  expect(draftsFor('section', [load])).toEqual([load]);
  expect(draftsFor('place', [load])).toEqual([{ ...load, item: '', takes: '' }]);
  expect(draftsFor('section', [stated])).toEqual([{ ...stated, item: '' }]);
});

test('a share of days is asked of sections only, and an empty one is not sent', () => {
  const cod = { name: 'A', item: 'cod', takes: 'value', reference: 'mean', share: 60 };
  const says = { name: 'A', item: 'cod', takes: 'value' };
  expect(asked('section', [cod])).toEqual([{ ...says, days_percent_min: 60 }]);
  expect(asked('section', [{ ...cod, share: null }])).toEqual([says]);
  expect(asked('place', [cod])).toEqual([says]);
  expect(asked('section', [{ ...cod, item: 'score' }])).toEqual([{ ...says, item: 'score' }]);
});

test('a score asks for its own inputs; what was chosen of the same one stays', () => {
  const none = { scheme: '', best: '', inputs: [] };
  const first = scoreOf([scheme], 's', 'place', none);
  expect(first).toEqual({ scheme: 's', best: '', inputs: draftsOf(scheme) });
  const chosen = { ...first, best: 'low', inputs: [stated, { ...stated, name: 'B', item: 'PM10' }] };
  expect(scoreOf([scheme], 's', 'place', chosen)).toEqual(chosen);
  expect(scoreOf([scheme], 'gone', 'place', chosen)).toEqual(none);
  expect(askedScore('place', chosen)).toEqual({
    scheme: 's',
    best: 'low',
    inputs: [says, { ...says, name: 'B', item: 'PM10' }],
  });
});

test('of a score nothing is a load, and other units keep it', () => {
  const place = { name: 'A', item: 'score', takes: 'place_from_end', reference: 'mean', share: null };
  expect(draftsFor('section', [place])).toEqual([place]);
  expect(draftsFor('section', [{ ...place, takes: 'load' }])).toEqual([{ ...place, takes: '' }]);
});
