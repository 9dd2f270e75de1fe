import { readFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, test } from 'vitest';

test('the types are those of the API document; `npm run types` makes them anew', async () => {
  const document = new URL('../../../api/openapi.json', import.meta.url);
  const made = COMMENT_HEADER + astToString(await openapiTS(document));
  expect(readFileSync('src/api/types.ts', 'utf8')).toBe(made);
});
