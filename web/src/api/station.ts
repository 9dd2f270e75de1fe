/** The answers about the surroundings of a place: what was captured, who is near, and how it stands against a standard station. */
import type { components } from './types';

type Schemas = components['schemas'];

export type Capture = Schemas['CaptureCalendar'];
export type Neighbours = Schemas['Neighbours'];
export type Drift = Schemas['DriftAnswer'];
