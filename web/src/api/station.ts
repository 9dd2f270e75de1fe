/** The answers about the surroundings of a place: what was captured and who is near. */
import type { components } from './types';

type Schemas = components['schemas'];

export type Capture = Schemas['CaptureCalendar'];
export type Neighbours = Schemas['Neighbours'];
