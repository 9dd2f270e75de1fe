import { expect, test } from 'vitest';
import type { Step } from '../api/assess';
import { asText, doubtsIn, instantIn, isDoubtful, pageFor, ruleText } from './outline';

function step(title: string, value: string | null, more: Partial<Step> = {}): Step {
  const none = {
    rule: null,
    rounding: null,
    valid: null,
    readings: null,
    text: null,
    how: null,
    reason: null,
    doubts: [],
    open: null,
    unit: null,
    truncated: null,
  };
  return { title: { zh: title, en: title }, value, inputs: [], ...none, ...more };
}

const rule = {
  standard: 'HJ 663-2026',
  clause: '4.2',
  row: null,
  edition: 'hj663-2026',
  confidence: 'C',
  doubtful: true,
};

const tree = step('year', '35', {
  unit: 'ug/m3',
  inputs: [step('day', '30', { rule }), step('day', null, { inputs: [step('hour', '1', { rule })] })],
});

test('doubts are counted through the whole tree, and a step above one is doubtful', () => {
  expect(doubtsIn(tree)).toBe(2);
  expect(isDoubtful(tree)).toBe(true);
  expect(isDoubtful(step('x', '1'))).toBe(false);
});

test('the rule names standard, clause, row and edition once each', () => {
  expect(ruleText(step('x', '1', { rule }))).toBe('HJ 663-2026 · 4.2 · hj663-2026');
  expect(ruleText(step('x', '1', { rule: { ...rule, edition: 'HJ 663-2026' } }))).toBe('HJ 663-2026 · 4.2');
  const whole = { ...rule, edition: 'HJ 663-2026', clause: 'HJ 663-2026, table 1', row: 'PM2.5' };
  expect(ruleText(step('x', '1', { rule: whole }))).toBe('HJ 663-2026, table 1 · PM2.5');
  expect(ruleText(step('x', '1'))).toBe('');
});

test('as text each floor is two spaces further in, and a missing value is said', () => {
  expect(asText(tree, ({ en }) => en, 'no result').split('\n')).toEqual([
    'year: 35 ug/m3',
    '  day: 30 [HJ 663-2026 · 4.2 · hj663-2026] (?)',
    '  day: no result',
    '    hour: 1 [HJ 663-2026 · 4.2 · hj663-2026] (?)',
  ]);
});

test('a reason why there is nothing and a doubt in words are in the text', () => {
  const reason = { zh: '缺', en: '17 of 20 hours needed' };
  const doubts = [{ zh: '疑', en: 'nobody found the clause' }];
  expect(asText(step('day', null, { reason, doubts }), ({ en }) => en, 'no result')).toBe(
    'day: no result [17 of 20 hours needed] (? nobody found the clause)',
  );
});

test('an address of the API leads to our page of the same thing', () => {
  expect(pageFor('/api/v1/frames/17')).toEqual({ path: '/ledger/frame/17', query: {} });
  expect(pageFor('/api/v1/assess/explain?place=a&item=PM2.5')).toEqual({
    path: '/explain',
    query: { place: 'a', item: 'PM2.5' },
  });
});

test('a title that is an instant is one, other titles are not', () => {
  expect(instantIn('2026-11-17T16:00:00.000Z')).toBe(Date.parse('2026-11-17T16:00:00Z'));
  expect(instantIn('2026-11-17')).toBeNull();
});
