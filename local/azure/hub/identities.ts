import { randomBytes } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { type Authentication, type DeviceIdentity, type DeviceWish, deviceWishSchema } from './device-identity.ts';
import { identityEtag, matches } from './etag.ts';
import { argumentInvalid, deviceNotFound, HubError } from './hub-error.ts';
import { Listeners } from './listeners.ts';

/** Devices of one hub. */
const mostDevices = 1_000_000;

/** The identity registry. Every method throws `HubError`. */
export class Identities {
  readonly created = new Listeners<DeviceIdentity>();
  readonly updated = new Listeners<DeviceIdentity>();
  readonly deleted = new Listeners<DeviceIdentity>();
  readonly #devices: Collection<DeviceIdentity>;
  readonly #counters: Collection<number>;
  readonly #clock: LocalClock;

  constructor({ state, clock }: { readonly state: State; readonly clock: LocalClock }) {
    this.#devices = state.collection('azure/devices');
    this.#counters = state.collection('azure/device-counters');
    this.#clock = clock;
  }

  find(deviceId: string): DeviceIdentity | undefined {
    return this.#devices.get(deviceId);
  }

  get(deviceId: string): DeviceIdentity {
    const identity = this.#devices.get(deviceId);
    if (identity === undefined) throw deviceNotFound(deviceId);
    return identity;
  }

  get size(): number {
    return this.#devices.size;
  }

  all(): IterableIterator<DeviceIdentity> {
    return this.#devices.values();
  }

  /** In the order in which they were created. */
  list(most = 1000): readonly DeviceIdentity[] {
    return [...this.#devices.values()].slice(0, most);
  }

  create(wish: unknown): DeviceIdentity {
    const { deviceId, status, statusReason, authentication } = understood(wish);
    if (this.#devices.has(deviceId)) {
      throw new HubError('DeviceAlreadyExists', `A device with ID '${deviceId}' is already registered.`);
    }
    if (this.#devices.size >= mostDevices) {
      throw new HubError('TooManyDevices', `The hub holds ${mostDevices} devices, and no more.`);
    }
    const identity: DeviceIdentity = {
      deviceId,
      generationId: this.#newGeneration(),
      revision: this.#next('revision'),
      status: status ?? 'enabled',
      statusReason: statusReason ?? undefined,
      statusUpdatedAt: undefined,
      authentication: authenticationOf(authentication),
    };
    this.#devices.set(deviceId, identity);
    this.created.tell(identity);
    return identity;
  }

  /** Replaces the whole identity, as the service does: a wish without keys gets new ones. */
  update(wish: unknown, ifMatch?: string): DeviceIdentity {
    const { deviceId, status, statusReason, authentication } = understood(wish);
    const former = this.#unchanged(deviceId, ifMatch);
    const next: DeviceIdentity = {
      ...former,
      revision: this.#next('revision'),
      status: status ?? 'enabled',
      statusReason: statusReason ?? undefined,
      statusUpdatedAt: (status ?? 'enabled') === former.status ? former.statusUpdatedAt : this.#clock.now(),
      authentication: authenticationOf(authentication),
    };
    this.#devices.set(deviceId, next);
    this.updated.tell(next);
    return next;
  }

  delete(deviceId: string, ifMatch?: string): void {
    const former = this.#unchanged(deviceId, ifMatch);
    this.#devices.delete(deviceId);
    this.deleted.tell(former);
  }

  #unchanged(deviceId: string, ifMatch: string | undefined): DeviceIdentity {
    const former = this.get(deviceId);
    if (!matches(ifMatch, identityEtag(former.revision))) {
      throw new HubError(
        'PreconditionFailed',
        `Device version did not match, existing etag: ${identityEtag(former.revision)}`,
      );
    }
    return former;
  }

  /** By time, and never twice: `638999999999999999` is 100 ns since the year one. */
  #newGeneration(): string {
    return String(
      (BigInt(this.#clock.now()) + 62_135_596_800_000n) * 10_000n + BigInt(this.#next('generation') % 10_000),
    );
  }

  #next(name: string): number {
    const next = (this.#counters.get(name) ?? 0) + 1;
    this.#counters.set(name, next);
    return next;
  }
}

function understood(wish: unknown): DeviceWish {
  const parsed = deviceWishSchema.safeParse(wish);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw argumentInvalid(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data;
}

/** Without a type, what is filled in tells it, as with the service. */
function authenticationOf(wish: DeviceWish['authentication']): Authentication {
  const { primaryThumbprint: primary, secondaryThumbprint: secondary } = wish?.x509Thumbprint ?? {};
  const type = wish?.type ?? (primary ? 'selfSigned' : 'sas');
  switch (type) {
    case 'sas': {
      const { primaryKey, secondaryKey } = wish?.symmetricKey ?? {};
      return { type, primaryKey: primaryKey || newKey(), secondaryKey: secondaryKey || newKey() };
    }
    case 'selfSigned':
      if (!primary) throw argumentInvalid('authentication.x509Thumbprint: selfSigned needs a primary thumbprint');
      return {
        type,
        primaryThumbprint: primary.toUpperCase(),
        secondaryThumbprint: secondary?.toUpperCase() || undefined,
      };
    case 'certificateAuthority':
    case 'none':
      return { type };
  }
}

const newKey = () => randomBytes(32).toString('base64');
