/**
 * Asks our own server, and only it. Every failure, also a lost connection, arrives as one `ApiError`
 * with words for people.
 */
import { hold } from '../ready';
import type { Problem, Text } from './contract';

const ROOT = '/api/v1';

export type Query = Record<string, string | number | null | undefined>;

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly text: Text;
  readonly hint: Text | null;

  constructor(status: number, problem: Problem) {
    super(problem.message.en);
    this.code = problem.code;
    this.status = status;
    this.text = problem.message;
    this.hint = problem.hint ?? null;
  }
}

/** Routes that can answer as of a past moment. */
const PAST =
  /^\/(cases(\/.+)?|findings(\/.+)?|readings|capture|corrections|index\/(now|hour|day|explain)|assess\/.+|programmes.*|schemes|plots\/.+|forecast|effect|drift|hot-spots|emergency|emergency\/plan|emergency\/warnings\/[^/]+|rivers|rivers\/account|rivers\/[^/]+|sampling\/plans|samples|trace|map\/(frames|strip|field|lines|areas|stretches|tracks))$/;

/** The past moment that the address bar names: everything that can be is shown as it was known then. */
export function asOf(): string | null {
  return new URLSearchParams(globalThis.location.search).get('as_of');
}

/** The address of a route with its query; empty values are left out. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  const past = PAST.test(path) ? asOf() : null;
  if (past !== null) search.set('as_of', past);
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return `${ROOT}${path}${text ? `?${text}` : ''}`;
}

interface Options {
  signal?: AbortSignal;
  /** Asks in the background: it does not unset the page's ready flag. */
  quiet?: boolean;
}

/** Fetches JSON. */
export function get<T>(path: string, query: Query = {}, options: Options = {}): Promise<T> {
  return ask(path, query, options, 'application/json', async (answer) => {
    const body: unknown = await answer.json().catch(() => null);
    if (body === null) throw new ApiError(answer.status, unreadable());
    return body as T;
  });
}

/** Fetches text of a media type, such as a picture. */
export function getText(path: string, query: Query, type: string, options: Options = {}): Promise<string> {
  return ask(path, query, options, type, (answer) => answer.text());
}

/** Fetches an answer in the binary form of long series, with its headers. */
export function getColumns(
  path: string,
  query: Query = {},
  options: Options = {},
): Promise<{ bytes: ArrayBuffer; headers: Headers }> {
  return ask(path, query, options, 'application/vnd.skyriver.columns', async (answer) => ({
    bytes: await answer.arrayBuffer(),
    headers: answer.headers,
  }));
}

async function ask<T>(
  path: string,
  query: Query,
  options: Options,
  accept: string,
  read: (answer: Response) => Promise<T>,
): Promise<T> {
  const release = options.quiet ? () => undefined : hold();
  try {
    const init: RequestInit = { headers: { accept } };
    if (options.signal) init.signal = options.signal;
    const answer = await fetch(address(path, query), init);
    if (answer.ok) return await read(answer);
    const body: unknown = await answer.json().catch(() => null);
    throw new ApiError(answer.status, problemIn(body, answer.status));
  } catch (cause) {
    if (cause instanceof ApiError || options.signal?.aborted) throw cause;
    throw new ApiError(0, unreachable());
  } finally {
    release();
  }
}

export function problemIn(body: unknown, status: number): Problem {
  if (body && typeof body === 'object' && 'error' in body) {
    const error = (body as { error: Partial<Problem> }).error;
    if (error.code && error.message) return error as Problem;
  }
  return {
    code: `http_${String(status)}`,
    message: { zh: `服务器回答 ${String(status)}`, en: `The server answered ${String(status)}` },
  };
}

export function unreadable(): Problem {
  return {
    code: 'unreadable',
    message: { zh: '服务器的回答无法读取', en: 'The answer of the server cannot be read' },
  };
}

export function unreachable(): Problem {
  return {
    code: 'unreachable',
    message: { zh: '服务器没有回答', en: 'The server does not answer' },
    hint: {
      zh: '请检查网络，或稍后再试。',
      en: 'Check the connection, or try again shortly.',
    },
  };
}
