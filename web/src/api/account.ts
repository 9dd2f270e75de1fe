/** The answers about the account: programmes, schemes, how sure ranks are; under the names the pages use. */
import type { components } from './types';

type Schemas = components['schemas'];

export type ProgrammeList = Schemas['ProgrammeList'];
export type ProgrammeRow = Schemas['ProgrammeRow'];
export type Programme = Schemas['ProgrammeAnswer'];
export type Project = Schemas['ProjectAnswer'];
export type Measure = Schemas['ProgrammeMeasure'];
export type Entries = Schemas['EntryList'];
export type Written = Schemas['Written'];
export type Schemes = Schemas['SchemeList'];
export type Scheme = Schemas['Scheme'];
export type Replayed = Schemas['Replayed'];
export type ReplayedPeriod = Schemas['ReplayedPeriod'];
export type ReplayedSource = Schemas['ReplayedSource'];
export type DoubtedRanking = Schemas['DoubtedRanking'];
export type IndicatorList = Schemas['IndicatorList'];
export type Indicator = Schemas['Indicator'];
export type IndicatorOpened = Schemas['IndicatorOpened'];
export type IndicatorTrend = Schemas['IndicatorTrend'];
export type Commendations = Schemas['CommendationLists'];
