/** A tree of steps as text and in numbers. Pure. */
import type { Text } from '../api/contract';
import type { Step } from '../api/assess';

/** Steps whose rule is in doubt, in the whole tree. */
export function doubtsIn(step: Step): number {
  return (step.rule?.doubtful ? 1 : 0) + step.inputs.reduce((sum, one) => sum + doubtsIn(one), 0);
}

/** Whether a step, or one below it, rests on a rule that is in doubt. */
export function isDoubtful(step: Step): boolean {
  return step.rule?.doubtful === true || step.inputs.some(isDoubtful);
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
  const more = [step.text ? nameOf(step.text) : '', ruleText(step)].filter(Boolean).join('; ');
  const doubt = step.rule?.doubtful ? ' (?)' : '';
  const line = `${'  '.repeat(floor)}${nameOf(step.title)}: ${value}${more ? ` [${more}]` : ''}${doubt}`;
  return [line, ...step.inputs.map((one) => asText(one, nameOf, none, floor + 1))].join('\n');
}
