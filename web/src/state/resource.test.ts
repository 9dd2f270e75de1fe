import { expect, test } from 'vitest';
import { ApiError } from '../api/client';
import { Resource } from './resource.svelte';

function later<T>() {
  let done: (value: T) => void = () => undefined;
  let fail: (cause: unknown) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    done = resolve;
    fail = reject;
  });
  return { promise, done, fail };
}

const refused = () => new ApiError(500, { code: 'x', message: { zh: '错', en: 'wrong' } });

test('an older answer never replaces a newer one', async () => {
  const resource = new Resource<string>();
  const [old, young] = [later<string>(), later<string>()];
  const first = resource.load(() => old.promise);
  const second = resource.load(() => young.promise);
  young.done('young');
  await second;
  old.done('old');
  await first;
  expect(resource.data).toBe('young');
});

test('old data stay while new ones load, and when loading fails', async () => {
  const resource = new Resource<string>();
  await resource.load(() => Promise.resolve('here'));
  const next = later<string>();
  const loading = resource.load(() => next.promise);
  expect([resource.data, resource.loading]).toEqual(['here', true]);
  next.fail(refused());
  await loading;
  expect([resource.data, resource.error?.code, resource.loading]).toEqual(['here', 'x', false]);
});

test('news wait for the first answer, do not dim, and are dropped when another question was asked', async () => {
  const resource = new Resource<string>();
  const first = later<string>();
  const loading = resource.load(() => first.promise);
  const news = resource.refresh(() => Promise.resolve('news'));
  first.done('first');
  await loading;
  expect(resource.data).toBe('first');
  await news;
  expect([resource.data, resource.loading]).toEqual(['news', false]);

  const stale = resource.refresh(() => Promise.resolve('stale'));
  await resource.load(() => Promise.resolve('other question'));
  await stale;
  expect(resource.data).toBe('other question');
});
