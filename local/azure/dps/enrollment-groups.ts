import { createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { matches } from '#local/azure/hub/etag.ts';
import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { badRequest, notFound, ProvisioningError } from './provisioning-error.ts';

const certificate = z.object({ certificate: z.string() });
const object = z.record(z.string(), z.json());
export const initialTwinSchema = z.object({
  tags: object.nullish(),
  properties: z.object({ desired: object.nullish() }).nullish(),
});

/** Source: the service's REST reference, `EnrollmentGroup`, version 2021-10-01. */
const wishSchema = z.object({
  enrollmentGroupId: z.string().regex(/^[A-Za-z0-9\-._:]{1,128}$/, 'up to 128 of A-Z a-z 0-9 - . _ :'),
  attestation: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('x509'),
      x509: z.object({
        signingCertificates: z.object({ primary: certificate, secondary: certificate.nullish() }),
      }),
    }),
    z.object({
      type: z.literal('symmetricKey'),
      symmetricKey: z.object({ primaryKey: z.string().nullish(), secondaryKey: z.string().nullish() }).nullish(),
    }),
  ]),
  provisioningStatus: z.enum(['enabled', 'disabled']).nullish(),
  reprovisionPolicy: z.object({ updateHubAssignment: z.boolean(), migrateDeviceData: z.boolean() }).nullish(),
  initialTwin: initialTwinSchema.nullish(),
  iotHubHostName: z.string().nullish(),
  iotHubs: z.array(z.string()).nullish(),
  allocationPolicy: z.enum(['hashed', 'geoLatency', 'static', 'custom']).nullish(),
  customAllocationDefinition: z.object({ webhookUrl: z.string(), apiVersion: z.string() }).nullish(),
});
type Wish = z.infer<typeof wishSchema>;

type Attestation =
  | { readonly type: 'x509'; readonly signing: readonly string[] }
  | { readonly type: 'symmetricKey'; readonly primaryKey: string; readonly secondaryKey: string };

export interface EnrollmentGroup {
  readonly id: string;
  readonly attestation: Attestation;
  readonly status: 'enabled' | 'disabled';
  readonly reprovisioning: { readonly updateHubAssignment: boolean; readonly migrateDeviceData: boolean };
  readonly initialTwin: z.infer<typeof initialTwinSchema> | undefined;
  readonly hubs: readonly string[];
  readonly allocation: 'hashed' | 'geoLatency' | 'static' | 'custom';
  readonly webhook: { readonly webhookUrl: string; readonly apiVersion: string } | undefined;
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Of each kind of attestation. */
const mostGroups = 100;

/** Whose devices may come. Every method throws `ProvisioningError`. */
export class EnrollmentGroups {
  readonly #groups: Collection<EnrollmentGroup>;
  readonly #clock: LocalClock;

  constructor({ state, clock }: { readonly state: State; readonly clock: LocalClock }) {
    this.#groups = state.collection('azure/enrollment-groups');
    this.#clock = clock;
  }

  all(): readonly EnrollmentGroup[] {
    return [...this.#groups.values()];
  }

  get(id: string): EnrollmentGroup {
    const group = this.#groups.get(id);
    if (group === undefined) throw notFound(`Enrollment group ${id} not found.`);
    return group;
  }

  /** @param ifMatch without it a group of this id must not exist yet, as with the service */
  put(id: string, said: unknown, ifMatch?: string): EnrollmentGroup {
    const parsed = wishSchema.safeParse(said);
    if (!parsed.success) throw badRequest(z.prettifyError(parsed.error));
    const wish = parsed.data;
    if (wish.enrollmentGroupId !== id) throw badRequest('enrollmentGroupId is not the one of the path.');
    const former = this.#groups.get(id);
    if (former !== undefined && ifMatch === undefined) {
      throw new ProvisioningError(409201, `Enrollment group ${id} exists already.`);
    }
    if (former === undefined && ifMatch !== undefined && ifMatch !== '*')
      throw notFound(`Enrollment group ${id} not found.`);
    if (former !== undefined) requireMatch(ifMatch, former);
    const group = this.#made(wish, former);
    const alike = this.all().filter((each) => each.id !== id && each.attestation.type === group.attestation.type);
    if (alike.length >= mostGroups)
      throw new ProvisioningError(403201, `There are ${mostGroups} such groups, and no more.`);
    this.#groups.set(id, group);
    return group;
  }

  delete(id: string, ifMatch?: string): void {
    requireMatch(ifMatch, this.get(id));
    this.#groups.delete(id);
  }

  #made(wish: Wish, former: EnrollmentGroup | undefined): EnrollmentGroup {
    const allocation = wish.allocationPolicy ?? 'hashed';
    if (allocation === 'custom' && !wish.customAllocationDefinition) {
      throw badRequest('customAllocationDefinition: a custom allocation names its webhook.');
    }
    const now = this.#clock.now();
    return {
      id: wish.enrollmentGroupId,
      attestation: attestationOf(wish.attestation, former?.attestation),
      status: wish.provisioningStatus ?? 'enabled',
      reprovisioning: wish.reprovisionPolicy ?? { updateHubAssignment: true, migrateDeviceData: true },
      initialTwin: wish.initialTwin ?? undefined,
      hubs: wish.iotHubs ?? (wish.iotHubHostName ? [wish.iotHubHostName] : []),
      allocation,
      webhook: wish.customAllocationDefinition ?? undefined,
      revision: (former?.revision ?? 0) + 1,
      createdAt: former?.createdAt ?? now,
      updatedAt: now,
    };
  }
}

/** The etag as services see it, with its quotes. */
export const etagOf = ({ revision }: EnrollmentGroup): string =>
  `"${Buffer.from(`group-${revision}`).toString('base64')}"`;

/** A device's key of a group with a symmetric key: HMAC-SHA256 over its registration id. */
export function derivedKey(groupKey: string, registrationId: string): string {
  return createHmac('sha256', Buffer.from(groupKey, 'base64')).update(registrationId).digest('base64');
}

function requireMatch(ifMatch: string | undefined, group: EnrollmentGroup): void {
  const own = etagOf(group).slice(1, -1);
  if (!matches(ifMatch, own)) throw new ProvisioningError(412201, 'The etag does not match.');
}

function attestationOf(wish: Wish['attestation'], former: Attestation | undefined): Attestation {
  if (wish.type === 'x509') {
    const { primary, secondary } = wish.x509.signingCertificates;
    const signing = [primary, ...(secondary ? [secondary] : [])].map(({ certificate: text }) => pemOf(text));
    return { type: 'x509', signing };
  }
  const kept = former?.type === 'symmetricKey' ? former : undefined;
  const { primaryKey, secondaryKey } = wish.symmetricKey ?? {};
  return {
    type: 'symmetricKey',
    primaryKey: primaryKey || kept?.primaryKey || newKey(),
    secondaryKey: secondaryKey || kept?.secondaryKey || newKey(),
  };
}

/** PEM, or the base64 in it. */
function pemOf(text: string): string {
  try {
    const authority = new X509Certificate(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64'));
    if (!authority.ca) throw badRequest('A signing certificate must be one of an authority.');
    return authority.toString();
  } catch (error) {
    throw error instanceof ProvisioningError ? error : badRequest('A signing certificate cannot be read.');
  }
}

const newKey = () => randomBytes(64).toString('base64');
