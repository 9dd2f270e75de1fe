/** Sends photos before the move that names them. */
import type { Photo } from '../offline/outbox';
import { act } from '../state/act.svelte';

export async function upload(photos: Photo[]): Promise<{ hash: string; when: Photo['when'] }[]> {
  const sent = [];
  for (const photo of photos) {
    photo.hash ??= (await act.send<{ hash: string }>('POST', '/photos', { body: photo.blob })).hash;
    sent.push({ hash: photo.hash, when: photo.when });
  }
  return sent;
}
