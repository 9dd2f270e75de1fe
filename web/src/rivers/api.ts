/** The answers under `/rivers`, `/sampling` and `/samples`, under the names the pages use, and the one way to enter something. */
import { send } from '../api/send';
import type { components } from '../api/types';
import { session } from '../state/session.svelte';

type Schemas = components['schemas'];

export type RiverList = Schemas['RiverList'];
export type RiverRow = Schemas['RiverRow'];
export type Chief = Schemas['ChiefShort'];
export type River = Schemas['RiverPage'];
export type PolicyList = Schemas['PolicyList'];
export type TermRow = Schemas['TermRow'];
export type PlanRow = Schemas['PlanRow'];
export type PatrolShort = Schemas['PatrolShort'];
export type Stock = Schemas['StockAnswer'];
export type Replenishment = Schemas['Replenishment'];
export type Flowing = Schemas['FlowingAnswer'];
export type Board = Schemas['NoticeBoard'];
export type Account = Schemas['RiversAccount'];
export type Pair = Schemas['PairAnswer'];
export type SamplingPlan = Schemas['SamplingPlan'];
export type Round = Schemas['RoundAnswer'];
export type Sample = Schemas['SampleAnswer'];
export type Receipt = Schemas['ResultsReceipt'];

/** Keeps a version of an entry. */
export function enter(path: string, document: object | null, why: string, seen?: number): Promise<unknown> {
  const body = { document, why, withdrawn: document === null, ...(seen === undefined ? {} : { seen }) };
  return send('PUT', path, { body, headers: session.headers() });
}
