/** The answers under `/emergency`, under the names the pages use. */
import type { components } from '../api/types';

type Schemas = components['schemas'];

export type Now = Schemas['EmergencyNow'];
export type Short = Schemas['WarningShort'];
export type Warning = Schemas['WarningAnswer'];
export type Order = Schemas['EmergencyOrder'];
export type Plan = Schemas['EmergencyPlan'];
export type Basis = Schemas['BasisAnswer'];
export type Sources = Schemas['ForecastSources'];
export type Level = 'blue' | 'yellow' | 'orange' | 'red';

/** What is written as a basis: a document when it has a number, else the forecast of this hour, of a source when one was chosen. */
export function basisBody(number: string, issuer: string, source: string): object {
  if (number !== '' || issuer !== '') return { document: { number, issuer } };
  return { forecast: source === '' ? {} : { source } };
}
