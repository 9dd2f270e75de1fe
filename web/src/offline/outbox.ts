/**
 * What was written without a network, kept in the browser's own database until the server has said that it
 * has it. Nothing leaves this list before its receipt; a crash or a restart finds it as it was.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Problem } from '../api/contract';

export type EntryState =
  /** Waits for its turn, or for a network. */
  | 'queued'
  /** On its way; after a crash it is queued again, since the server tells a resend by its id. */
  | 'sending'
  /** The server has it. */
  | 'kept'
  /** The server has said no, and why: a person decides. */
  | 'refused';

/** One thing to be sent. */
export interface Entry {
  /** Made here, and the same for every attempt: the server keeps an id once. */
  id: string;
  /** By this machine's clock, which may be wrong; milliseconds since 1970. */
  made: number;
  /** What it is, in words for its author. */
  label: string;
  path: string;
  body: Record<string, unknown>;
  /** Kept beside it; each is sent before the entry itself. */
  photos: Photo[];
  state: EntryState;
  tries: number;
  /** What the server answered when it took it. */
  receipt?: unknown;
  problem?: Problem;
}

export interface Photo {
  blob: Blob;
  /** `before` or `after` the handling, or neither. */
  when: 'before' | 'after' | 'none';
  /** What the server calls it, once it has it. */
  hash?: string;
}

interface Shelf extends DBSchema {
  outbox: { key: string; value: Entry };
  /** The last answers of questions that a phone asks without a network. */
  answers: { key: string; value: { key: string; at: number; value: unknown } };
}

let opened: Promise<IDBPDatabase<Shelf>> | null = null;

/** The database of this browser; opened once. */
export function shelf(): Promise<IDBPDatabase<Shelf>> {
  opened ??= openDB<Shelf>('skyriver', 1, {
    upgrade(database) {
      database.createObjectStore('outbox', { keyPath: 'id' });
      database.createObjectStore('answers', { keyPath: 'key' });
    },
  });
  return opened;
}

/** Puts an entry in, on disk before this resolves. */
export async function put(entry: Entry): Promise<void> {
  const database = await shelf();
  const change = database.transaction('outbox', 'readwrite', { durability: 'strict' });
  await change.store.put(entry);
  await change.done;
}

/** All entries, oldest first. */
export async function entries(): Promise<Entry[]> {
  const all = await (await shelf()).getAll('outbox');
  return all.sort((a, b) => a.made - b.made || a.id.localeCompare(b.id));
}

/** Lets an entry go: one that the server has, or one that its author gives up. */
export async function drop(id: string): Promise<void> {
  await (await shelf()).delete('outbox', id);
}

/** Keeps an answer for times without a network. */
export async function keepAnswer(key: string, value: unknown): Promise<void> {
  await (await shelf()).put('answers', { key, at: Date.now(), value });
}

/** The last answer that was kept, with when. */
export async function keptAnswer<T>(key: string): Promise<{ at: number; value: T } | null> {
  const kept = await (await shelf()).get('answers', key);
  return kept ? { at: kept.at, value: kept.value as T } : null;
}
