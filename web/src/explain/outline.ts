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

/** The rule of a step in one line: standard, clause, row, edition; nothing twice. */
export function ruleText({ rule }: Step): string {
  if (!rule) return '';
  const parts = [rule.standard, rule.clause, rule.row];
  if (rule.edition && rule.edition !== rule.standard) parts.push(rule.edition);
  return parts.filter(Boolean).join(' · ');
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
