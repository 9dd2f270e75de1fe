/** What the pages of findings ask, under short names. */
import type { components } from '../api/types';

type Schemas = components['schemas'];
export type FindingRow = Schemas['FindingRow'];
export type FindingList = Schemas['FindingList'];
export type FindingAnswer = Schemas['FindingAnswer'];
export type FileAnswer = Schemas['FileAnswer'];
export type RuleList = Schemas['RuleList'];
export type RuleRow = Schemas['RuleRow'];
export type WorkList = Schemas['WorkList'];
export type WorkRow = Schemas['WorkRow'];

export const STATES = ['waiting', 'raised', 'cleared', 'filed', 'dismissed', 'suppressed', 'all'] as const;
export const SEVERITIES = ['low', 'middle', 'high'] as const;
export const VERDICTS = ['refuted', 'data_invalid', 'confirmed'] as const;
