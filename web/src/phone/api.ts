/** What the phone pages ask of the server about cases. */
import type { components } from '../api/types';

type Schemas = components['schemas'];
export type Category = Schemas['CategoryRow'];
export type CaseRow = Schemas['CaseRow'];
export type CaseAnswer = Schemas['CaseAnswer'];
export type LegalMove = Schemas['LegalMove'];
