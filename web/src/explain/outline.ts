/** A tree of steps as text and in numbers. Pure. */
import type { Text } from '../api/contract';
import type { Step } from '../api/assess';

/** Whether the rule of a step is in doubt, or something else about it. */
export function isInDoubt({ rule, doubts }: Step): boolean {
  return rule?.doubtful === true || doubts.length > 0;
}

/** Steps that are in doubt, in the whole tree. */
export function doubtsIn(step: Step): number {
  return (isInDoubt(step) ? 1 : 0) + step.inputs.reduce((sum, one) => sum + doubtsIn(one), 0);
}

/** Whether a step, or one below it, is in doubt. */
export function isDoubtful(step: Step): boolean {
  return isInDoubt(step) || step.inputs.some(isDoubtful);
}

/** The rule of a step in one line: standard, clause, row, edition; nothing that another part says already. */
export function ruleText({ rule }: Step): string {
  if (!rule) return '';
  const parts = [rule.standard, rule.clause, rule.row, rule.edition].filter((part) => part !== null);
  const isSaid = (part: string, at: number) =>
    parts.some((other, i) => i !== at && other.startsWith(part) && (other !== part || i < at));
  return parts.filter((part, at) => part !== '' && !isSaid(part, at)).join(' · ');
}

/** Our page for an address of the API that an answer holds: a frame, or the outline of another result. */
export function pageFor(address: string): { path: string; query: Record<string, string> } {
  const frame = /\/frames\/(\d+)$/.exec(address.split('?')[0] ?? '');
  if (frame) return { path: `/ledger/frame/${frame[1] ?? ''}`, query: {} };
  return { path: '/explain', query: Object.fromEntries(new URLSearchParams(address.split('?')[1] ?? '')) };
}

/** The instant that a title is, where it is one; such a step stands for a reading. */
export function instantIn(title: string): number | null {
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(title) ? Date.parse(title) : null;
}

/** The outline as plain text, two spaces a floor, for a letter or a report. */
export function asText(step: Step, nameOf: (text: Text) => string, none: string, floor = 0): string {
  const value = [step.value ?? none, step.unit ?? ''].filter(Boolean).join(' ');
  const more = [
    step.how ?? '',
    ...[step.text, step.reason].map((text) => (text ? nameOf(text) : '')),
    ruleText(step),
  ]
    .filter(Boolean)
    .join('; ');
  const doubt = isInDoubt(step) ? ` (? ${step.doubts.map(nameOf).join('; ')})`.replace('? )', '?)') : '';
  const line = `${'  '.repeat(floor)}${nameOf(step.title)}: ${value}${more ? ` [${more}]` : ''}${doubt}`;
  return [line, ...step.inputs.map((one) => asText(one, nameOf, none, floor + 1))].join('\n');
}
