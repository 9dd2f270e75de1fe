/** Answers of the registry's routes. */
import type { Text } from '../api/contract';
import type { components } from '../api/types';
import type { Entry } from './fields';

export interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

export interface Version {
  revision: number;
  at: string;
  who: string | null;
  what: 'added' | 'changed' | 'ended' | 'imported';
  changes: Change[];
}

export interface EntryAnswer {
  value: Entry;
  revision: number;
  history: Version[];
  older?: number;
}

export interface Written {
  revision: number;
  changed: string[];
  warnings?: Text[];
}

export interface Problem {
  severity: 'error' | 'warning';
  field: string;
  message: Text;
  hint: Text | null;
}

export interface ImportAnswer {
  dry_run: boolean;
  receipt: string | null;
  added: number;
  changed: number;
  same: number;
  refused: number;
  items: {
    where: string;
    kind: string;
    key: string;
    name: string;
    what: 'add' | 'change' | 'same' | 'refuse';
    changes: Change[];
    problems: Problem[];
  }[];
  /** How many entries are not shown. */
  truncated: number;
}

/** The numbers of a receipt of cases that its sentence names. */
export function casesCounts(of: components['schemas']['CasesReceipt']) {
  return { new: of.new, moved: of.moved, known: of.known, differs: of.differs };
}
