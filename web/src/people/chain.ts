/**
 * Whether an export of the trail is whole: each line carries the SHA-256 of the line before it and of its own fields,
 * each ended by a line feed (`GET /audit/export`). Pure, but for the hash itself.
 */
export interface Line {
  sequence: number;
  at_ms: number;
  kind: string;
  key: string;
  who: string;
  document: string;
  hash: string;
}

export interface Verdict {
  count: number;
  last: string;
  /** Sequence of the first line whose hash is not that of its content. */
  broken: number | null;
}

export async function verify(text: string): Promise<Verdict> {
  const verdict: Verdict = { count: 0, last: '', broken: null };
  for (const row of text.split('\n')) {
    if (row === '') continue;
    const line = JSON.parse(row) as Line;
    const fields = [verdict.last, line.sequence, line.at_ms, line.kind, line.key, line.who, line.document];
    const hash = await sha256(fields.map((field) => `${String(field)}\n`).join(''));
    if (hash !== line.hash) return { ...verdict, broken: line.sequence };
    verdict.count += 1;
    verdict.last = hash;
  }
  return verdict;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
