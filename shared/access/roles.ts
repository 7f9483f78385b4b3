import type { Quota } from './quota.ts';
import { type Scope, scopeNames } from './scopes.ts';

/** A documented machine client. The stacks create one for each role. */
export interface Role {
  readonly name: string;
  readonly purpose: string;
  readonly scopes: readonly Scope[];
  /** Brand slugs, or `*` for every brand. */
  readonly brands: readonly string[];
  /** Where it needs more than the deployment's default. */
  readonly quota?: Quota;
}

/** Stands for every brand in a role and in a client's brands. */
export const everyBrand = '*';

/** They tell of other partners' clients, or of what persons did and paid. */
const ofOthers: readonly string[] = ['read_audit', 'read_evidence', 'read_accounts', 'read_mobility_data'];

const approverReads: readonly string[] = ['read_campaigns', 'read_releases', 'read_vehicles'];

export const roles: readonly Role[] = [
  {
    name: 'operator',
    purpose: 'The platform team: every scope, every brand',
    scopes: scopeNames.filter((scope) => scope !== 'none'),
    brands: [everyBrand],
    quota: { rate: 1000, burst: 2000 },
  },
  {
    name: 'reader',
    purpose: 'A partner of one brand that only looks',
    scopes: scopeNames.filter((scope) => scope.startsWith('read_') && !ofOthers.includes(scope)),
    brands: ['volkswagen'],
  },
  ...['quality', 'safety'].map((name) => ({
    name,
    purpose: `Approves what others release and start, for ${name}`,
    scopes: scopeNames.filter((scope) => scope.startsWith('approve_') || approverReads.includes(scope)),
    brands: [everyBrand],
  })),
  // No brand: whose vehicles and persons they see says the operator who names their client.
  {
    name: 'city',
    purpose: 'The agency of a city that regulates sharing services',
    scopes: ['read_mobility_data', 'read_sharing'],
    brands: [],
  },
  {
    name: 'mobility-app',
    purpose: 'A mobility provider whose customers use shared vehicles',
    scopes: ['book_for_customers', 'manage_webhooks'],
    brands: [],
  },
  { name: 'accountant', purpose: 'Bookkeeping of a sharing service', scopes: ['read_accounts'], brands: [] },
  { name: 'field-crew', purpose: 'Staff at shared vehicles', scopes: ['work_in_field'], brands: [] },
  { name: 'nobody', purpose: 'Known, but let in nowhere', scopes: ['none'], brands: [] },
];
