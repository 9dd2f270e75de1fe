/** Filters and order of a list of cases, as the address says them. Pure. */
import type { CaseRow } from './api';

export const COLUMNS = ['number', 'category', 'stage', 'unit', 'opened', 'clock'] as const;
export type Column = (typeof COLUMNS)[number];
export interface Order {
  column: Column;
  down: boolean;
}

/** `opened` upwards, `-opened` downwards; anything else is no order: then the most urgent come first. */
export function orderIn(text: string | null): Order | null {
  const down = text?.startsWith('-') ?? false;
  const name = down ? text?.slice(1) : text;
  const column = COLUMNS.find((one) => one === name);
  return column ? { column, down } : null;
}

/** What the address says after a click on the head of a column: up, down, none. */
export function nextOrder(now: Order | null, column: Column): string | null {
  if (now?.column !== column) return column;
  return now.down ? null : `-${column}`;
}

/** Seconds that are left; a case without a clock comes last. */
function left({ clock }: CaseRow): number {
  return clock ? clock.allowed_s - clock.spent_s : Infinity;
}

const TEXTS: Record<Exclude<Column, 'clock'>, (row: CaseRow) => string> = {
  number: (row) => row.number,
  category: (row) => row.category,
  stage: (row) => row.stage,
  unit: (row) => row.unit ?? '',
  opened: (row) => row.opened,
};

/** The rows in an order; rows that are equal stay as they came. `stages` is the order of stages. */
export function ordered(rows: CaseRow[], order: Order | null, stages: readonly string[]): CaseRow[] {
  if (!order) return rows;
  const { column, down } = order;
  const by = (a: CaseRow, b: CaseRow): number => {
    if (column === 'clock') return left(a) === left(b) ? 0 : left(a) - left(b);
    if (column === 'stage') return stages.indexOf(a.stage) - stages.indexOf(b.stage);
    const [one, other] = [TEXTS[column](a), TEXTS[column](b)];
    return one < other ? -1 : one > other ? 1 : 0;
  };
  const up = [...rows].sort(by);
  return down ? up.reverse() : up;
}
