import type { Caller } from '../access/caller.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { VehicleService } from '../registry/vehicle-service.ts';
import { platformTwins } from './platform-twins.ts';
import { canonical, merged, type Settings, type Twin, type TwinDocument, twinOf } from './twin.ts';
import { requireAcceptable } from './twin-limits.ts';
import type { TwinRepository } from './twin-repository.ts';

/** Among them the members that a device cloud with one twin of all keeps beside ours: a vehicle may move to it. */
const reservedNames: ReadonlySet<string> = new Set([...platformTwins, 'stamps', 'rollouts']);

export interface TwinPorts {
  readonly vehicles: VehicleService;
  readonly twins: TwinRepository;
  /** A hash of the text, short enough for a header. */
  readonly digest: (text: string) => string;
}

export interface TaggedTwin {
  readonly twin: Twin;
  /** Changes when `desired` does, and only then: what the vehicle reports makes nobody's view stale. */
  readonly tag: string;
}

/** What a writer believes the twin to be: its tag, or merely that it exists. */
export type Belief = { readonly tag: string } | 'exists';

export class TwinService {
  readonly #ports: TwinPorts;

  constructor(ports: TwinPorts) {
    this.#ports = ports;
  }

  async get(caller: Caller, vehicleId: VehicleId, name: string): Promise<TaggedTwin> {
    await this.#ports.vehicles.require(caller, vehicleId);
    return this.#tagged(name, await this.#require(vehicleId, name));
  }

  async patch(
    caller: Caller,
    vehicleId: VehicleId,
    name: string,
    patch: Settings | null,
    belief?: Belief,
  ): Promise<TaggedTwin> {
    const { lifeCycle } = await this.#ports.vehicles.require(caller, vehicleId);
    if (reservedNames.has(name)) throw reserved();
    if (lifeCycle.status === 'retired' || lifeCycle.status === 'expected') {
      throw new Failure(
        'conflict',
        `vehicle-${lifeCycle.status}`,
        `The vehicle is ${lifeCycle.status}: it has no twins to change.`,
        { resolution: lifeCycle.status === 'retired' ? 'Retirement is final.' : 'Have it connect once before.' },
      );
    }
    requireAcceptable(patch);
    if (belief === undefined) await this.#ports.twins.patchDesired(vehicleId, name, patch);
    else await this.#patchAsBelieved(vehicleId, name, patch, belief);
    return this.#tagged(name, await this.#require(vehicleId, name));
  }

  /**
   * A device cloud may have one revision for both halves. Where it moved because the vehicle reported,
   * `desired` still is what the writer believes: read again, and write again.
   */
  async #patchAsBelieved(vehicleId: VehicleId, name: string, patch: Settings | null, belief: Belief): Promise<void> {
    await untilSaved(async () => {
      const seen = await this.#ports.twins.load(vehicleId, name);
      if (seen === undefined) throw stale();
      if (belief !== 'exists' && belief.tag !== this.#tag(seen)) {
        // RFC 9110 13.1.1: what appears to be applied already may be answered as done. The answer to it was lost.
        if (patch !== null && canonical(merged(seen.desired, patch)) === canonical(seen.desired)) return true;
        throw stale();
      }
      return (await this.#ports.twins.patchDesired(vehicleId, name, patch, seen.revision)) || undefined;
    });
  }

  async #require(vehicleId: VehicleId, name: string): Promise<TwinDocument> {
    const document = await this.#ports.twins.load(vehicleId, name);
    if (document === undefined)
      throw new Failure('not-found', 'twin-not-found', 'The vehicle has no twin of this name.');
    return document;
  }

  #tagged(name: string, document: TwinDocument): TaggedTwin {
    return { twin: twinOf(name, document), tag: this.#tag(document) };
  }

  #tag({ desired }: TwinDocument): string {
    return this.#ports.digest(canonical(desired));
  }
}

function stale(): Failure {
  return new Failure('stale', 'twin-changed', 'The desired settings are no longer what this change was made for.', {
    resolution: 'Read the twin again and decide anew; send its ETag as If-Match.',
    errors: [{ pointer: 'If-Match', detail: 'is not the present ETag' }],
  });
}

function reserved(): Failure {
  return new Failure('forbidden', 'twin-reserved', 'Through this twin the platform speaks with the vehicle.', {
    resolution:
      'Use another name. To have the certificate changed: POST /v1/vehicles/{vehicleId}/certificate-rotation; to offer software: a campaign.',
  });
}
