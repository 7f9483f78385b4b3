import type { Bounds } from '../cloud-clock.ts';
import type { Host } from '../host.ts';
import type { Storage } from '../storage.ts';
import type { RangeRequest } from './download/range-request.ts';
import type { EcuInstaller, EcuState } from './ecu-installer.ts';
import type { Verification } from './preparation.ts';
import type { VehicleBody } from './vehicle-body.ts';

/** What whoever verifies may know of the vehicle. */
export interface VerificationContext {
  readonly storage: Storage;
  readonly vehicleId: () => string;
  /** What is certain of the cloud's time, asked for where it is not known. */
  readonly cloudTime: () => Promise<Bounds | undefined>;
  readonly states: () => Promise<ReadonlyMap<string, EcuState>>;
  readonly request: RangeRequest;
  readonly host: Host;
}

/** What a vehicle brings along that takes updates. */
export interface UpdateSettings {
  /** Every control unit whose software can be changed. */
  readonly ecus: readonly EcuInstaller[];
  readonly body: VehicleBody;
  /** `uptane({ roots, primary })` */
  readonly verification: (context: VerificationContext) => Verification;
  /** The network for metadata and images; default `overHttp()`. */
  readonly request?: RangeRequest;
  /** Bytes a second that downloads may take, on average; as many as come unless given. */
  readonly bytesPerSecond?: number;
  /** BCP 47: what the screen speaks now, `en` unless given. Offers and results are told in it where there are words. */
  readonly language?: () => string;
  /** How many times the announced minutes an installation may take before it goes back; default 2. */
  readonly timeFactor?: number;
}
