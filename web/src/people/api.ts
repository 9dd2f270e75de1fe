/** What the pages of people ask, under short names. */
import type { components } from '../api/types';

type Schemas = components['schemas'];
export type Unit = Schemas['UnitAnswer'];
export type User = Schemas['UserAnswer'];
export type Grant = Schemas['GrantAnswer'];
export type Roles = Schemas['RolesAnswer'];
export type Link = Schemas['LinkAnswer'];
export type AuditLine = Schemas['AuditLine'];
export type Token = Schemas['TokenAnswer'];
export type MadeToken = Schemas['MadeToken'];
export type OwnSession = Schemas['OwnSession'];
export type Factor = Schemas['FactorAnswer'];
export type Subscription = Schemas['SubscriptionBody'];
export type OwnSubscription = Schemas['SubscriptionAnswer'];
export type UnitSubscription = Schemas['UnitSubscription'];
export type NoticeKindRow = Schemas['NoticeKindRow'];
export type Deliveries = Schemas['Deliveries'];
export type NewFactor = Schemas['NewFactor'];

export const ROLES = [
  'system',
  'security',
  'audit',
  'operator',
  'dispatcher',
  'handler',
  'verifier',
  'analyst',
  'leader',
] as const;
export const SUBJECTS = ['air', 'water', 'dust', 'noise', 'waste'] as const;
