import type { Instant } from '../../kernel/clock.ts';
import type { Inventory } from '../../registry/inventory.ts';
import { canonical } from '../../twins/twin.ts';
import type { UpdateStatement } from '../../vehicle-cloud/update-envelopes.ts';
import type { Campaign } from '../campaigns/campaign.ts';
import { approvalsOf, type Release } from '../releases/release.ts';
import { anonymous } from '../updates/consents.ts';
import { type Consent, isFinal, type Update } from '../updates/update.ts';
import { compatibilityOf, ecuOutcomes, rxswinsOf } from './compatibility.ts';
import type { ReadStatement } from './vehicle-statement.ts';

/** The end of a vehicle's update to which somebody had consented. */
export interface EndedUpdate {
  readonly update: Update;
  readonly consent: Consent;
}

/**
 * What is put down, once for each end that it comes to. Undefined where it is none, or nobody has consented: then
 * nothing was done to the vehicle.
 */
export function endedUpdate(before: Update | undefined, after: Update): EndedUpdate | undefined {
  if (!isFinal(after) || (before !== undefined && isFinal(before))) return undefined;
  const consent = consentIn(after) ?? (before && consentIn(before));
  return consent === undefined ? undefined : { update: ofNobody(after), consent: anonymous(consent) };
}

/** An end that the vehicle itself has reported: then there is what it stated. */
export function isReported({ state }: Pick<Update, 'state'>): boolean {
  return state.status === 'installed' || (state.status === 'failed' && state.error !== 'timed-out');
}

export interface KnownOfUpdate {
  readonly release: Release | undefined;
  readonly campaign: Campaign | undefined;
  /** Of its last attempt. */
  readonly stated: ReadStatement | undefined;
  readonly inventory: Inventory | undefined;
}

/**
 * A vehicle's record (UN R156, 7.1.2 and 7.2.2; ISO 24089), for whoever checks it in fifteen years: it says by
 * itself what was approved, offered, consented to, checked, done and shown. Vehicles and clients by their ids; of persons
 * nothing but their role.
 */
export function updateRecord({ update, consent }: EndedUpdate, known: KnownOfUpdate, sha256: (text: string) => string) {
  const { release, campaign, stated } = known;
  const { vehicleId, campaignId, releaseId, softwareVersion, attempt, failures, revision, enlistedAt } = update;
  const statement = stated?.statement;
  const installed = update.state.status === 'installed';
  return {
    ...{ kind: 'vehicle-update', format: 1 },
    ...{ vehicleId, campaignId, releaseId, softwareVersion, market: update.market, model: update.model },
    ...{ enlistedAt: iso(enlistedAt), endedAt: iso(update.changedAt), attempt, failures, revision },
    story: update.story.map(({ at, ...moment }) => ({ at: iso(at), ...moment })),
    result: resultOf(update),
    release: release === undefined ? null : releaseOf(release),
    campaign: campaign === undefined ? null : campaignOf(campaign),
    offer: release === undefined ? null : offerOf(release, statement, sha256),
    consent: consentOf(consent, statement),
    configuration: configurationOf(known),
    ecus: statement && release ? ecuOutcomes(release.images, statement.before, statement.after) : null,
    rxswins: release === undefined ? null : rxswinsOf(release, statement?.before, statement?.after, installed),
    compatibility: release === undefined ? null : compatibilityOf(release, statement?.before),
    preconditions: preconditionsOf(release, statement),
    resultShown: statement?.shown ?? null,
    statement: stated === undefined ? null : { signature: stated.signature, attempt: stated.statement.attempt },
  };
}

function resultOf({ state }: Update) {
  switch (state.status) {
    case 'failed': {
      const { status, error, safety, detail, ecuId, attack } = state;
      return {
        ...{ status, error, safety },
        ...(detail !== undefined && { detail }),
        ...(ecuId !== undefined && { ecuId }),
        ...(attack !== undefined && { attack }),
      };
    }
    case 'cancelled':
      return { status: state.status, by: state.by };
    case 'removed':
      return { status: state.status, reason: state.reason };
    default:
      return { status: state.status };
  }
}

function releaseOf(release: Release) {
  const { brand, approvalRecord, author } = release;
  const approvals = approvalsOf(release).map(({ by, at }) => ({ by, at: iso(at) }));
  return { brand, author, approvals, approvalRecord };
}

function campaignOf({ name, recall, consentBy, priority, author, approvals }: Campaign) {
  return { name, recall, consentBy, priority, author, approvals: approvals.map(({ by, at }) => ({ by, at: iso(at) })) };
}

/** The texts of a release never change. Where the vehicle says in which language, that one; else what an app chose from. */
function offerOf(
  { texts, minutes, preconditions }: Release,
  statement: UpdateStatement | undefined,
  sha256: (text: string) => string,
) {
  const language = statement?.consent?.language;
  const shown = language === undefined ? undefined : texts[language];
  return {
    ...{ minutes, preconditions, textsSha256: sha256(canonical(texts)) },
    texts: language === undefined || shown === undefined ? texts : { [language]: shown },
    ...(language !== undefined && { language }),
  };
}

function consentOf(consent: Consent, statement: UpdateStatement | undefined) {
  const { by, clientId, at, from, to, voided } = consent;
  const onScreen = statement?.consent;
  return {
    ...{ by, at: iso(at), window: { from: iso(from), to: iso(to) } },
    ...(clientId !== undefined && { clientId }),
    ...(voided === true && { voided }),
    ...(onScreen !== undefined && { onScreen: { ...onScreen, at: iso(onScreen.at), ...windowOf(onScreen) } }),
  };
}

function windowOf({ from, to }: { readonly from: Instant; readonly to: Instant }) {
  return { from: iso(from), to: iso(to) };
}

function configurationOf({ stated, inventory }: KnownOfUpdate) {
  if (stated !== undefined) {
    const { before, after } = stated.statement;
    return { source: 'vehicle-statement' as const, before, after };
  }
  if (inventory === undefined) return { source: 'none' as const };
  const { softwareVersion, ecus, rxswins, reportedAt } = inventory;
  const last = { softwareVersion, ecus, ...(rxswins !== undefined && { rxswins }) };
  return { source: 'last-inventory' as const, reportedAt: iso(reportedAt), last };
}

function preconditionsOf(release: Release | undefined, statement: UpdateStatement | undefined) {
  const checked = statement?.checked;
  if (checked === undefined) return { required: release?.preconditions ?? [], checked: null };
  const { at, metadataIssuedAt, preconditions, conditions } = checked;
  return { required: preconditions, checked: { at: iso(at), metadataIssuedAt: iso(metadataIssuedAt), ...conditions } };
}

/** Of the person who consented nothing goes further than the role. */
function ofNobody(update: Update): Update {
  const { state } = update;
  return 'consent' in state ? { ...update, state: { ...state, consent: anonymous(state.consent) } } : update;
}

function consentIn({ state }: Update): Consent | undefined {
  return 'consent' in state ? state.consent : undefined;
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
