/** Changes something on our own server; failures arrive as the same `ApiError` as those of `get`. */
import { hold } from '../ready';
import { ApiError, address, asOf, problemIn, unreachable, unreadable, type Query } from './client';

export interface Sending {
  query?: Query;
  /** An object goes as JSON; a file as it is. */
  body?: Blob | object;
  headers?: Record<string, string>;
}

export async function send<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  { query = {}, body, headers = {} }: Sending = {},
): Promise<T> {
  if (asOf() !== null && path !== '/session') throw new ApiError(0, past());
  const release = hold();
  try {
    const init: RequestInit = { method, headers: { accept: 'application/json', ...headers } };
    if (body instanceof Blob) {
      init.body = body;
    } else if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, 'content-type': 'application/json' };
    }
    const answer = await fetch(address(path, query), init);
    const text = await answer.text();
    const read = parsed(text);
    if (!answer.ok) throw new ApiError(answer.status, problemIn(read, answer.status));
    if (read === null && text !== '') throw new ApiError(answer.status, unreadable());
    return read as T;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ApiError(0, unreachable());
  } finally {
    release();
  }
}

/** The past cannot be changed. */
function past() {
  return {
    code: 'as_of',
    message: {
      zh: '正在查看过去某一时刻的状态，不能修改',
      en: 'The page shows a past moment; nothing can be changed from here',
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
