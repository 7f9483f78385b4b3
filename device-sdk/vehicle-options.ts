import type { PlantClaim } from './bootstrap/plant-claim.ts';
import type { Host, Log } from './host.ts';
import type { Inventory } from './inventory.ts';
import type { UpdateSettings } from './ota/update-settings.ts';
import type { Claim } from './provisioning.ts';
import type { SharingSettings } from './sharing/sharing.ts';
import type { TelemetrySettings } from './telemetry.ts';
import type { Transport } from './transport.ts';

export interface VehicleOptions {
  /** The vehicle's own memory: identity, outbox, commands. One directory a vehicle, used by one process. */
  readonly directory: string;
  /** Said to the cloud once, at provisioning. */
  readonly vin: string;
  /** Of the cloud where the vehicle is introduced. */
  readonly transport: Transport;
  /**
   * Of the other clouds that the vehicle may be sent to. It goes there by itself when its cloud says so, never in a trip or
   * an installation, and takes along what it has to say; without these it stays where it was introduced.
   */
  readonly elsewhere?: readonly Transport[];
  /** Needed until the vehicle was online for the first time. */
  readonly claim?: Claim | PlantClaim;
  readonly inventory?: Inventory;
  readonly telemetry?: TelemetrySettings & {
    /** Bytes of disk that unsent readings may take; default 16 MiB. */
    readonly maxBytes?: number;
  };
  /** A vehicle without this knows nothing of updates. */
  readonly updates?: UpdateSettings;
  /** A vehicle without this is nobody's but its owner's. */
  readonly sharing?: SharingSettings;
  readonly log?: Log;
  readonly host?: Host;
}
