import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { type Attested, attested, type ShownProof } from './attestation.ts';
import { derivedKey, type EnrollmentGroup, type EnrollmentGroups, initialTwinSchema } from './enrollment-groups.ts';
import { groupAnswer } from './group-answer.ts';
import { badRequest, notFound, ProvisioningError } from './provisioning-error.ts';

/** What a custom allocation is asked, as its webhook gets it. */
export interface AllocationRequest {
  readonly enrollmentGroup: object;
  readonly deviceRuntimeContext: {
    readonly registrationId: string;
    readonly currentIotHubHostName?: string;
    readonly currentDeviceId?: string;
    readonly x509?: { readonly clientCertificate: string };
    readonly symmetricKey?: object;
    readonly payload?: unknown;
  };
  readonly linkedHubs: readonly string[];
}

/** The webhook: its answer's JSON, or why there is none. It may throw, too. */
export type Allocator = (request: AllocationRequest) => Promise<{ readonly status: number; readonly body: unknown }>;

const allocationSchema = z.object({
  iotHubHostName: z.string(),
  initialTwin: initialTwinSchema.nullish(),
  payload: z.unknown().optional(),
});

export interface Registration {
  readonly registrationId: string;
  readonly groupId: string;
  readonly operationId: string;
  readonly status: 'assigning' | 'assigned' | 'failed';
  readonly hub: string | undefined;
  readonly payload: unknown;
  readonly error: { readonly code: number; readonly message: string } | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface RegistrationsOptions {
  readonly groups: EnrollmentGroups;
  readonly hub: LocalIotHub;
  readonly state: State;
  readonly clock: LocalClock;
  readonly allocator: () => Allocator | undefined;
  readonly log: (line: string) => void;
}

/** Who has come, and where to they were sent. */
export class Registrations {
  readonly #options: RegistrationsOptions;
  readonly #kept: Collection<Registration>;

  constructor(options: RegistrationsOptions) {
    this.#options = options;
    this.#kept = options.state.collection('azure/registrations');
    const error = { code: 500001, message: 'The service was interrupted.' };
    for (const [id, each] of this.#kept.entries()) {
      if (each.status === 'assigning') this.#kept.set(id, { ...each, status: 'failed', error });
    }
  }

  all(): readonly Registration[] {
    return [...this.#kept.values()];
  }

  get(registrationId: string): Registration {
    const found = this.#kept.get(registrationId);
    if (found === undefined) throw notFound(`Registration ${registrationId} not found.`);
    return found;
  }

  delete(registrationId: string): void {
    this.get(registrationId);
    this.#kept.delete(registrationId);
  }

  /** Begins one and goes on with it by itself. @throws ProvisioningError where the device proves nothing */
  register(proof: ShownProof, payload: unknown): Registration {
    const { groups, clock, log } = this.#options;
    const { registrationId } = proof;
    const device = attested(proof, groups.all());
    const before = this.#kept.get(registrationId);
    const now = clock.now();
    const begun: Registration = {
      ...{ registrationId, groupId: device.group.id, operationId: operationId(), status: 'assigning' },
      ...{ hub: before?.hub, payload: undefined, error: undefined },
      ...{ createdAt: before?.createdAt ?? now, updatedAt: now },
    };
    this.#kept.set(registrationId, begun);
    this.#assign(begun, device, payload).catch((error: unknown) => {
      log(`a registration of ${registrationId} failed: ${String(error)}`);
      this.#end(begun, { status: 'failed', error: { code: 500001, message: 'Internal error.' } });
    });
    return begun;
  }

  /** @throws ProvisioningError where nobody knows this operation */
  operation(registrationId: string, wanted: string): Registration {
    const found = this.#kept.get(registrationId);
    if (found?.operationId !== wanted) throw notFound('Operation not found.');
    return found;
  }

  async #assign(begun: Registration, device: Attested, payload: unknown): Promise<void> {
    const { hub } = this.#options;
    try {
      const place = await this.#place(begun, device, payload);
      if (place.hub !== hub.hostName) throw new ProvisioningError(400208, `${place.hub} is not linked.`);
      this.#settle(begun, device, place.initialTwin);
      this.#end(begun, { status: 'assigned', hub: place.hub, payload: place.payload });
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      const { code, message } = error;
      this.#end(begun, { status: 'failed', error: { code, message } });
    }
  }

  async #place({ registrationId, hub: former }: Registration, { group, certificatePem }: Attested, payload: unknown) {
    const { hub, allocator } = this.#options;
    const own = { hub: group.hubs[0] ?? hub.hostName, initialTwin: group.initialTwin, payload: undefined };
    if (group.allocation !== 'custom') return own;
    const ask = allocator();
    if (ask === undefined) throw new ProvisioningError(400209, 'The custom allocation does not answer.');
    const { status, body } = await ask({
      enrollmentGroup: groupAnswer(group),
      deviceRuntimeContext: {
        registrationId,
        ...(former !== undefined && { currentIotHubHostName: former, currentDeviceId: registrationId }),
        ...(certificatePem === undefined ? { symmetricKey: {} } : { x509: { clientCertificate: certificatePem } }),
        ...(payload !== undefined && { payload }),
      },
      linkedHubs: [hub.hostName],
    });
    if (status !== 200) throw new ProvisioningError(400209, `Custom allocation failed with status code ${status}.`);
    const said = allocationSchema.safeParse(body);
    if (!said.success) throw new ProvisioningError(400209, 'The custom allocation answers what is not understood.');
    const { iotHubHostName, initialTwin } = said.data;
    return { hub: iotHubHostName, initialTwin: initialTwin ?? group.initialTwin, payload: said.data.payload };
  }

  /** Makes the identity and its twin. What is there stays, unless the group wants it as at the beginning. */
  #settle({ registrationId }: Registration, { group }: Attested, initialTwin: EnrollmentGroup['initialTwin']): void {
    const { identities, twins } = this.#options.hub;
    const known = identities.find(registrationId);
    const { updateHubAssignment, migrateDeviceData } = group.reprovisioning;
    if (known !== undefined && (migrateDeviceData || !updateHubAssignment)) return;
    if (known !== undefined) identities.delete(registrationId);
    identities.create({ deviceId: registrationId, authentication: authenticationOf(group, registrationId) });
    if (initialTwin) twins.patchByService(registrationId, initialTwin);
  }

  #end(begun: Registration, outcome: Partial<Registration>): void {
    // It has begun anew, or was deleted, meanwhile.
    if (this.#kept.get(begun.registrationId)?.operationId !== begun.operationId) return;
    this.#kept.set(begun.registrationId, { ...begun, ...outcome, updatedAt: this.#options.clock.now() });
  }
}

/** What a device sends along is JSON of at most 96 KB. */
export function registrationBody(text: string): { readonly registrationId: string; readonly payload?: unknown } {
  try {
    return z.object({ registrationId: z.string(), payload: z.unknown().optional() }).parse(JSON.parse(text));
  } catch {
    throw badRequest('The body is not understood.');
  }
}

function authenticationOf({ attestation }: EnrollmentGroup, registrationId: string): object {
  if (attestation.type === 'x509') return { type: 'certificateAuthority' };
  const [primaryKey, secondaryKey] = [attestation.primaryKey, attestation.secondaryKey].map((key) =>
    derivedKey(key, registrationId),
  );
  return { type: 'sas', symmetricKey: { primaryKey, secondaryKey } };
}

const operationId = () => `5.${randomBytes(8).toString('hex')}.${randomBytes(18).toString('hex')}`;
