/**
 * The answers of `/api/v1` under short names. Their shapes are generated (`types.ts`, by `npm run types`
 * from `api/openapi.json`); here stands only what that document cannot say.
 */
import type { components } from './types';

type Schemas = components['schemas'];

type Answer<Name extends keyof Schemas> = Schemas[Name];

export type Text = Answer<'Words'>;
/** An error; the page makes some itself, and those need no hint. */
export type Problem = Omit<Answer<'ApiError'>, 'hint'> & { hint?: Text | null };

/** West, south, east, north in degrees. */
export type Box = [number, number, number, number];
export type District = Omit<Answer<'District'>, 'bbox'> & { bbox: Box; place_count?: number };

export type Area = Answer<'Area'>;
export type Line = Answer<'Line'>;
export type Place = Answer<'Place'>;
export type PlaceKind = Schemas['PlaceKind'];
export type Places = Answer<'Places'>;

export type Parameter = Answer<'Parameter'>;
export type Datastream = Answer<'Datastream'>;
export type Period = Schemas['Period'];
export type Step = Schemas['StepName'];
export type Readings = Answer<'Readings'>;
export type Quality = Schemas['Quality'];
export type Latest = Answer<'Latest'>;
export type LatestItem = Answer<'LatestItem'>;

export type IndexNow = Answer<'IndexNow'>;
export type IndexNowItem = Answer<'IndexNowItem'>;
export type Partial = Answer<'Partial'>;
export type IndexDay = Answer<'IndexSeries'>;
export type Explain = Answer<'Explanation'>;
export type ExplainRow = Answer<'Row'>;
export type Breakpoint = Answer<'Breakpoint'>;

export type AirIndex = Answer<'AirIndex'>;
export type Category = Answer<'Category'>;
export type Limit = Answer<'Limit'>;

export type Devices = Answer<'Devices'>;
export type Device = Answer<'Device'>;

export type Account = Answer<'Account'>;
export type Disposition = Schemas['Disposition'];
/** Of hour and device only that one is there by which the rows are grouped. */
export type LedgerRow = Omit<Answer<'LedgerRow'>, 'hour' | 'device'> & {
  hour?: string | null;
  device?: string | null;
};
export type LedgerRates = Answer<'LedgerRates'>;
export type Ledger = Omit<Answer<'Ledger'>, 'rows'> & { rows: LedgerRow[] };
export type FrameLine = Answer<'FrameLine'>;
export type Frame = Answer<'Frame'>;

/** What `/events` sends, by the name of the event. */
export interface Events {
  hello: Answer<'Hello'>;
  latest: Latest;
  index: Answer<'IndexChanged'>;
  ledger: Answer<'LedgerChanged'>;
  cases: Answer<'CasesChanged'>;
  finding: Answer<'FindingsChanged'>;
  emergency: Answer<'EmergencyChanged'>;
}
