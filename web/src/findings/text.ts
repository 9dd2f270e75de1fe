/** Numbers of rules and findings as people read them. Pure. */

/** `0.8` → `80 %`; a share nobody has judged yet is none. */
export function percent(share: number | null): string | null {
  return share === null ? null : `${String(Math.round(share * 100))} %`;
}

/** What a rule compares with: a number, or which limit of the law; nothing when it compares with what is beside it. */
export function thresholdText(threshold: unknown): string {
  if (threshold === null || threshold === undefined) return '';
  if (typeof threshold === 'number' || typeof threshold === 'string') return String(threshold);
  if (typeof threshold !== 'object') return '';
  return Object.entries(threshold)
    .map(([key, value]) => (key === 'law' ? String(value) : `${key} ${String(value)}`))
    .join(', ');
}
