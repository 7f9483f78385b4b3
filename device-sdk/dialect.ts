import type { PlantClaim } from './bootstrap/plant-claim.ts';
import type { Identity, KnownTopics } from './certification.ts';
import type { CloudClock } from './cloud-clock.ts';
import type { Host, Log } from './host.ts';
import type { Rollout } from './ota/rollout.ts';
import type { Claim } from './provisioning.ts';
import type { Wire } from './questions.ts';
import type { Rotation, RotationParts } from './rotation.ts';
import type { Storage } from './storage.ts';
import type { Transport } from './transport.ts';
import type { TwinWire } from './twin-wire.ts';

/**
 * How a vehicle speaks with one kind of device cloud beyond sending and receiving messages. `dialects/aws-iot.ts` knows
 * shadows, jobs and claims, `dialects/azure-iot-hub.ts` one twin and a provisioning service; the vehicle knows neither.
 */
export interface Dialect {
  /** By which a cloud that sends a vehicle elsewhere says how one speaks there. */
  readonly name: string;
  /** Those of all its vehicles; undefined where it tells each vehicle its own. */
  readonly topics?: KnownTopics;
  /** How long a telemetry message may be so that the cloud counts one. */
  readonly telemetryBytes: number;
  /**
   * Gets an identity for a vehicle that has none; each step is kept before the next is taken.
   *
   * @throws ProvisioningRefused where the cloud understood and said no
   */
  provision(options: FirstIntroduction): Promise<Identity>;
  /** Whether the cloud lets in anew, with the certificate that it has, a vehicle that was online and is not known any more. */
  readonly knowsAgain?: boolean;
  /**
   * For a vehicle whose identity the cloud does not accept. The former one stays until the new one is stored.
   *
   * @throws ProvisioningRefused
   */
  provisionAgain(options: FirstIntroduction, former: Identity): Promise<Identity>;
  converse(parts: ConversationParts): Conversation;
}

export interface FirstIntroduction {
  readonly vin: string;
  readonly claim: Claim | PlantClaim;
  readonly transport: Transport;
  readonly storage: Storage;
  readonly host: Host;
  readonly log: Log;
}

export interface ConversationParts extends Omit<RotationParts, 'wire'> {
  /** The vehicle's line; rejects while there is none. */
  readonly wire: Wire;
  /** Learns the cloud's time from whatever tells it. */
  readonly clock: CloudClock;
  readonly host: Host;
  readonly log: Log;
}

/** What one vehicle has to do with its cloud beside messages, for as long as it lives. */
export interface Conversation {
  readonly twins: TwinWire;
  readonly rollout: Rollout;
  /** Undefined where the cloud changes nobody's certificate. */
  readonly rotation: Rotation | undefined;
  /** Has the cloud tell its time to the clock. */
  askTime(): Promise<void>;
  /** What it listens to. @param topics those that the vehicle knows; @param takesUpdates whether it waits for rollouts */
  filters(topics: KnownTopics, takesUpdates: boolean): readonly string[];
  /** The line stands. */
  connected(): void;
  disconnected(): void;
  /** Takes a message; false when it is none of this conversation's. */
  receive(topic: string, payload: Uint8Array): boolean;
  /**
   * For a cloud that keeps no certificates, which can only let the vehicle in elsewhere with what it says itself: stands
   * in the twin from then on. Undefined where the cloud keeps them.
   */
  tellCertificate?(twin: string): Promise<void>;
}
