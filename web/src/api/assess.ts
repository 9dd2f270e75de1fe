/** The answers about assessment, under `/standards` and `/assess`, under the names the pages use. */
import type { components } from './types';

type Schemas = components['schemas'];

export type Edition = Schemas['LawEdition'];
export type Diff = Schemas['LawDiff'];

export type CalendarDay = Schemas['CalendarDay'];
export type Calendar = Schemas['Calendar'];

export type Cell = Schemas['CompareCell'];
export type CompareRow = Schemas['CompareRow'];
export type Compare = Schemas['Compared'];

export type Rank = Schemas['Ranking'];

/** One step of how a result came about; the same shape for all results. */
export type Step = Schemas['ExplainStep'];

export type WaterMonth = Schemas['WaterMonth'];
export type WaterSite = Schemas['WaterSiteYear'];
export type WaterPair = Schemas['FlowPair'];
export type WaterMonths = Schemas['WaterYear'];
