/** Months as `2026-11`. Pure. */

/** A month and those before it, the newest first. */
export function monthsBefore(month: string, count: number): string[] {
  const [year = 0, of = 1] = month.split('-').map(Number);
  return Array.from({ length: count }, (_, back) => {
    const at = year * 12 + (of - 1) - back;
    return `${String(Math.floor(at / 12))}-${String((at % 12) + 1).padStart(2, '0')}`;
  });
}
