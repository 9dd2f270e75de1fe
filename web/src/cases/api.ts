/** What the pages of cases ask, under short names. */
import type { components } from '../api/types';

type Schemas = components['schemas'];
export type CaseRow = Schemas['CaseRow'];
export type CaseAnswer = Schemas['CaseAnswer'];
export type CaseList = Schemas['CaseList'];
export type Board = Schemas['Board'];
export type Step = Schemas['Step'];
export type LegalMove = Schemas['LegalMove'];
export type MoveAnswer = Schemas['MoveAnswer'];
export type Scores = Schemas['Scores'];
export type UnitScore = Schemas['UnitScore'];
export type CategoryList = Schemas['CategoryList'];
export type Unit = Schemas['UnitAnswer'];

/** The seven stages, in their order. */
export const STAGES = [
  'collected',
  'filed',
  'dispatched',
  'handling',
  'fed_back',
  'closed',
  'evaluated',
] as const;
export type Stage = (typeof STAGES)[number];
/** Stages at which somebody still has to do something. */
export const OPEN: readonly string[] = STAGES.slice(0, 5);
