/** Rows of the ledger put side by side: one line per hour, device or reason. Pure; it only adds. */
import type { Account, Disposition, LedgerRow } from '../api/contract';
import { PARTS } from './parts';

export type By = 'reason' | 'device' | 'hour';

export interface Line {
  key: string;
  parts: Record<Disposition, number>;
  total: number;
}

/** One line per value of `by`; reasons and devices by size, hours by time. */
export function pivot(rows: LedgerRow[], by: By, unit: LedgerRow['unit']): Line[] {
  const lines = new Map<string, Line>();
  for (const row of rows) {
    if (row.unit !== unit) continue;
    const key = row[by] ?? '';
    const line = lines.get(key) ?? { key, parts: empty(), total: 0 };
    line.parts[row.disposition] += row.count;
    line.total += row.count;
    lines.set(key, line);
  }
  return [...lines.values()].sort((a, b) =>
    by === 'hour' ? a.key.localeCompare(b.key) : b.total - a.total || a.key.localeCompare(b.key),
  );
}

/** By how much an account does not add up; 0 when it does. */
export function difference(account: Account): number {
  return account.received - PARTS.reduce((sum, part) => sum + account[part], 0);
}

function empty(): Record<Disposition, number> {
  return { stored: 0, duplicate: 0, rejected: 0, quarantined: 0 };
}
