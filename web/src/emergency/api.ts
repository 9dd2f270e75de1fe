/** The answers under `/emergency`, under the names the pages use. */
import type { components } from '../api/types';

type Schemas = components['schemas'];

export type Now = Schemas['EmergencyNow'];
export type Short = Schemas['WarningShort'];
export type Warning = Schemas['WarningAnswer'];
export type Order = Schemas['EmergencyOrder'];
export type Plan = Schemas['EmergencyPlan'];
export type Basis = Schemas['BasisAnswer'];
export type Level = 'blue' | 'yellow' | 'orange' | 'red';

/** What is written as a basis: a document when it has a number, else the forecast of this hour. */
export function basisBody(number: string, issuer: string): object {
  return number === '' && issuer === '' ? { forecast: {} } : { document: { number, issuer } };
}
