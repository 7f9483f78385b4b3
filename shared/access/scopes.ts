/** The resource server behind every scope; a token carries `fleetloom/<scope>`. */
export const resourceServer = 'fleetloom';

/** What a client can be allowed to do, as the resource server describes it. Data: the stacks are built from it. */
export const scopes = {
  read_vehicles: 'Read vehicles, their state, connection and installed software',
  manage_vehicles: 'Register, suspend, reactivate and retire vehicles',
  read_vin: 'See vehicle identification numbers and look vehicles up by them (personal data)',
  read_telemetry: 'Read the last known values and the history of signals',
  read_location: 'Read where a vehicle is and was (personal data)',
  read_battery: 'Read the state of the traction battery and of charging',
  read_odometer: 'Read the travelled distance',
  read_ownership: 'Read whether a vehicle has an owner, and its former ones by opaque ids (personal data)',
  read_twins: 'Read desired and reported settings',
  manage_twins: 'Change desired settings',
  control_security: 'Lock and unlock doors',
  control_climate: 'Start and stop the climate control',
  control_charge: 'Start and stop charging',
  control_attention: 'Flash the lights and sound the horn',
  read_releases: 'Read releases of software, the hardware catalogue, and the metadata of the repositories',
  manage_releases: 'Describe, upload, sign and withdraw releases, and publish metadata that was signed offline',
  approve_releases: 'Approve the releases of others',
  read_campaigns:
    'Read campaigns, their statistics, what becomes of the updates of vehicles, and the cases of those in trouble',
  manage_campaigns:
    'Draft, start, pause, resume, close, cancel and stop campaigns, and hand single vehicles over to assistance',
  approve_campaigns: 'Approve the campaigns of others',
  assist_updates:
    'Look after vehicles whose update came to grief (cases, retry, cancel, changed control units); consent for a fleet',
  read_evidence: 'Read and export what was put down of the updates of vehicles, and by whose consent',
  read_sharing: 'Read the sharing service: operators, cities, zones, prices, shared vehicles and their trips',
  manage_sharing:
    'Set up operators, cities, zones and prices, take vehicles into and out of service, end uses by force, settle trips',
  manage_drivers: 'See drivers of the sharing service, verify their papers, block and unblock them (personal data)',
  manage_care:
    'Look after shared vehicles and what happened with them: damage, lost property, cleaning, charges (personal data)',
  work_in_field: 'Take and finish tasks at shared vehicles, and open them for that, recorded each time',
  read_accounts: 'Read invoices, charges, revenue and what bookkeeping is handed over (personal data)',
  read_mobility_data:
    'Read, for a city, where shared vehicles are and were, their state and their trips (personal data)',
  book_for_customers: 'Book shared vehicles for own customers (personal data)',
  manage_webhooks: 'Have own servers told of events, by signed calls',
  erase_data: 'Have the data of a vehicle or a person erased',
  read_audit: 'Read who did what, when and why',
  manage_clients: 'See how clients keep to their quotas, and let in again who was shut out',
  none: 'Nothing: proves an identity and opens no door',
} as const;

export type Scope = keyof typeof scopes;

function isScope(name: string): name is Scope {
  return Object.hasOwn(scopes, name);
}

export const scopeNames: readonly Scope[] = Object.keys(scopes).filter(isScope);

/** As it stands in a token's `scope` claim. */
export function tokenScope(scope: Scope): string {
  return `${resourceServer}/${scope}`;
}

/** The scopes in a token's space-separated `scope` claim; names of other resource servers say nothing here. */
export function scopesOfToken(claim: string): ReadonlySet<Scope> {
  const prefix = `${resourceServer}/`;
  const names = claim.split(' ').filter((name) => name.startsWith(prefix));
  return new Set(names.map((name) => name.slice(prefix.length)).filter(isScope));
}
