import { randomBytes } from 'node:crypto';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { returnCode } from '#local/azure/mqtt/admission.ts';
import type { ProvisioningDoor } from '#local/azure/mqtt/mqtt-server.ts';
import type { State } from '#local/state/collection.ts';
import { EnrollmentGroups } from './enrollment-groups.ts';
import { ProvisioningLimits } from './limits.ts';
import { ProvisioningApi } from './provisioning-api.ts';
import { ProvisioningGuest } from './provisioning-guest.ts';
import { type Allocator, Registrations } from './registrations.ts';

export interface ProvisioningOptions {
  /** `….azure-devices-provisioning.net` */
  readonly hostName: string;
  /** The id scope, `0ne…`. */
  readonly scope: string;
  readonly hub: LocalIotHub;
  readonly state: State;
  /** s after which a device asks how its registration goes; 3 on Azure. */
  readonly retryAfter?: number;
}

/** The provisioning service: who comes with a certificate of a plant, or a key of a group, hears where its hub is. */
export class LocalProvisioning {
  readonly groups: EnrollmentGroups;
  readonly registrations: Registrations;
  readonly api: ProvisioningApi;
  readonly connectionString: string;
  readonly #options: ProvisioningOptions;
  readonly #limits: ProvisioningLimits;
  #allocator: Allocator | undefined;

  constructor(options: ProvisioningOptions) {
    const { hub, state, hostName } = options;
    const { clock, log } = hub;
    this.#options = options;
    this.#limits = new ProvisioningLimits(clock);
    this.groups = new EnrollmentGroups({ state, clock });
    const { groups } = this;
    this.registrations = new Registrations({ groups, hub, state, clock, log, allocator: () => this.#allocator });
    const key = keyKeptIn(state);
    this.api = new ProvisioningApi({ hostName, key, groups, registrations: this.registrations });
    this.connectionString = `HostName=${hostName};SharedAccessKeyName=provisioningserviceowner;SharedAccessKey=${key}`;
  }

  /** What stands at the end of the webhook of groups with a custom allocation. */
  allocateWith(allocator: Allocator): void {
    this.#allocator = allocator;
  }

  readonly door: ProvisioningDoor = (connect, { scope, registrationId }, chain, wire) => {
    const { hub, retryAfter = 3 } = this.#options;
    if (scope !== this.#options.scope) return returnCode.notAuthorized;
    if (connect.clientId !== registrationId) return returnCode.identifierRejected;
    const sas = connect.password?.toString();
    if (sas === undefined && chain === undefined) return returnCode.badUserNameOrPassword;
    const proof = { scope, registrationId, chain, sas };
    const { registrations } = this;
    const { faults, log } = hub;
    return new ProvisioningGuest({ wire, proof, registrations, limits: this.#limits, retryAfter, faults, log });
  };
}

function keyKeptIn(state: State): string {
  const kept = state.collection<string>('azure/provisioning-policies');
  const key = kept.get('provisioningserviceowner') ?? randomBytes(32).toString('base64');
  kept.set('provisioningserviceowner', key);
  return key;
}
