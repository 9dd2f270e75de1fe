import { expect, test } from 'vitest';
import { bottlesIn, stepOf } from './step';

test('a bottle a line, with its seal or without one', () => {
  expect(bottlesIn('b1  s1\n\n b2\n')).toEqual([
    { id: 'b1', seal: 's1' },
    { id: 'b2', seal: '' },
  ]);
});

test('a hand-over says who gave and who has it, at the time of the form or now', () => {
  const form: Record<string, string> = { from: 'a', by: 'b', bottles: 'b1 s1' };
  const now = new Date('2026-03-10T01:00:00Z');
  expect(stepOf('handed_over', (name) => form[name] ?? '', now)).toEqual({
    at: '2026-03-10T01:00:00.000Z',
    what: { step: 'handed_over', from: 'a', to: 'b', bottles: [{ id: 'b1', seal: 's1' }] },
    proof: '',
  });
});
