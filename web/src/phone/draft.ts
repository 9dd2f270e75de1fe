/** The report that is being written, kept at each step, photos included: a call or an empty battery loses nothing. */
import { keepAnswer, keptAnswer, type Photo } from '../offline/outbox';

export interface Spot {
  lon: number;
  lat: number;
  /** Metres, where the position came from the phone. */
  accuracy_m: number | null;
}

export interface Draft {
  step: 1 | 2 | 3 | 4;
  photos: Photo[];
  spot: Spot | null;
  /** Key of a place, or of a line, when one was chosen. */
  place: string | null;
  line: string | null;
  category: string | null;
  text: string;
}

const KEY = 'draft/report';

export function empty(): Draft {
  return { step: 1, photos: [], spot: null, place: null, line: null, category: null, text: '' };
}

export async function keptDraft(): Promise<Draft | null> {
  const kept = await keptAnswer<Draft>(KEY);
  return kept && !isEmpty(kept.value) ? kept.value : null;
}

export function keepDraft(draft: Draft): Promise<void> {
  return keepAnswer(KEY, draft);
}

/** Whether nothing was entered yet. */
export function isEmpty({ photos, spot, place, line, category, text }: Draft): boolean {
  return photos.length === 0 && !spot && !place && !line && !category && text === '';
}

/** Whether it says where and what: then it may be sent. */
export function isWhole({ spot, place, line, category }: Draft): boolean {
  return (spot !== null || place !== null || line !== null) && category !== null;
}
