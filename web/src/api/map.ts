/** What the map asks for beyond the registry: hours of values, the strip, fields, tracks, classes of reaches. */
import type { components } from './types';

type Schemas = components['schemas'];

export type Frames = Schemas['Frames'];
export type Strip = Schemas['Strip'];
export type StripItem = Schemas['StripItem'];
export type Field = Schemas['Field'];

export type Trace = Schemas['TraceAnswer'];
export type Candidate = Schemas['Candidate'];

export type Track = Schemas['Track'];
export type Tracks = Schemas['Tracks'];

export type LineClass = Schemas['LineNow'];
export type LineClasses = Schemas['LinesNow'];

export type Found = Schemas['FoundItem'];
export type Basemap = Schemas['Basemap'];
