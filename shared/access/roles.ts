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

const accounts: readonly string[] = ['read_audit', 'read_evidence'];

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
    // Neither the audit nor evidence: they name other partners' clients.
    scopes: scopeNames.filter((scope) => scope.startsWith('read_') && !accounts.includes(scope)),
    brands: ['volkswagen'],
  },
  ...['quality', 'safety'].map((name) => ({
    name,
    purpose: `Approves what others release and start, for ${name}`,
    scopes: scopeNames.filter((scope) => scope.startsWith('approve_') || approverReads.includes(scope)),
    brands: [everyBrand],
  })),
  { name: 'nobody', purpose: 'Known, but let in nowhere', scopes: ['none'], brands: [] },
];
