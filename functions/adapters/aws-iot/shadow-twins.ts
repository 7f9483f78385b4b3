import {
  ConflictException,
  GetThingShadowCommand,
  InvalidRequestException,
  type IoTDataPlaneClient,
  RequestEntityTooLargeException,
  ResourceNotFoundException,
  UpdateThingShadowCommand,
} from '@aws-sdk/client-iot-data-plane';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { isSettings, type Settings, type Stamps, type TwinDocument } from '#shared/twins/twin.ts';
import { requireAcceptable, tooLarge } from '#shared/twins/twin-limits.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';

const settings = z.record(z.string(), z.unknown());
const halves = z.object({ desired: z.exactOptional(settings), reported: z.exactOptional(settings) });

/** A shadow that was emptied has neither state nor metadata. */
const shadowDocument = z.object({
  state: z.exactOptional(z.nullable(halves)),
  metadata: z.exactOptional(z.nullable(halves)),
  version: z.number(),
});

/** Twins as named shadows of AWS IoT. */
export class ShadowTwinRepository implements TwinRepository, PlatformTwins {
  readonly #client: IoTDataPlaneClient;

  constructor(client: IoTDataPlaneClient) {
    this.#client = client;
  }

  async load(thingName: VehicleId, shadowName: string): Promise<TwinDocument | undefined> {
    try {
      const { payload } = await this.#client.send(new GetThingShadowCommand({ thingName, shadowName }));
      return documentOf(payload);
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async patchDesired(
    thingName: VehicleId,
    shadowName: string,
    patch: Settings | null,
    revision?: string,
  ): Promise<boolean> {
    requireAcceptable(patch);
    return this.#update(thingName, shadowName, patch, revision);
  }

  /** In the order in which it is called: there is no queue in between that could change it. */
  async show(vehicleId: VehicleId, name: string, patches: readonly Settings[]): Promise<void> {
    for (const patch of patches) await this.#update(vehicleId, name, patch);
  }

  async #update(thingName: VehicleId, shadowName: string, patch: Settings | null, revision?: string): Promise<boolean> {
    // One counter for both halves.
    const version = revision === undefined ? undefined : Number(revision);
    const update = { state: { desired: patch }, ...(version !== undefined && { version }) };
    try {
      const payload = new TextEncoder().encode(JSON.stringify(update));
      await this.#client.send(new UpdateThingShadowCommand({ thingName, shadowName, payload }));
      return true;
    } catch (error) {
      // Without a version of ours the conflict is the service's own, between two writers at once.
      if (error instanceof ConflictException && version !== undefined) return false;
      throw meaningOf(error);
    }
  }
}

function documentOf(payload: Uint8Array | undefined): TwinDocument {
  const { state, metadata, version } = shadowDocument.parse(JSON.parse(new TextDecoder().decode(payload)));
  return {
    desired: state?.desired ?? {},
    reported: state?.reported ?? {},
    desiredAt: instants(metadata?.desired ?? {}),
    reportedAt: instants(metadata?.reported ?? {}),
    revision: String(version),
  };
}

/** `{"a":{"timestamp":1700000000}}`, in seconds, becomes `{"a":1700000000000}`. */
function instants(metadata: Settings): Stamps {
  return Object.fromEntries(Object.entries(metadata).map(([key, node]) => [key, instantsBelow(node)]));
}

function instantsBelow(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(instantsBelow);
  if (!isSettings(node)) return node;
  // A setting may itself be called `timestamp`: its metadata is an object, never a number.
  return typeof node['timestamp'] === 'number' ? node['timestamp'] * 1000 : instants(node);
}

function meaningOf(error: unknown): unknown {
  const cause = error;
  if (error instanceof InvalidRequestException) {
    return new Failure('invalid', 'twin-not-acceptable', `The twin cannot become so: ${error.message}.`, { cause });
  }
  if (error instanceof RequestEntityTooLargeException) return tooLarge(cause);
  if (error instanceof ResourceNotFoundException) {
    return new Failure('conflict', 'vehicle-not-provisioned', 'The device cloud does not know the vehicle yet.', {
      cause,
    });
  }
  if (error instanceof ConflictException) {
    return new Failure('unavailable', 'contended', 'Others change this twin at the same time.', {
      retryAfter: 1,
      cause,
    });
  }
  return error;
}
