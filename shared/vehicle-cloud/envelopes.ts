/**
 * What travels between a vehicle and the cloud. Times are milliseconds since the Unix epoch.
 * The shapes are the same in every device cloud.
 */

/**
 * What a topic rule hands to its function or queue:
 * `SELECT encode(*, 'base64') AS payload, timestamp() AS receivedAt, topic(2) AS vehicleId`.
 * The vehicle comes from the topic that its certificate allows, never from the payload, and a broken
 * payload still arrives, so that it can be quarantined with its reason.
 */
export interface RuleEnvelope {
  readonly vehicleId: string;
  readonly receivedAt: number;
  /** The device's bytes, base64. */
  readonly payload: string;
}

export type SignalValue = number | boolean | string;

/** One reading: offset in ms from the batch's `start`, and the value in the unit of VSS 6. */
export type Reading = readonly [offset: number, value: SignalValue];

/**
 * A telemetry message, by column: each path once, then its readings, so that some hundred readings fit
 * one metering unit of 5 KB. Offsets are 0 … `maxBatchSpan`.
 */
export interface TelemetryBatch {
  /** Rises by one a message and vehicle; a resend keeps its number. */
  readonly sequence: number;
  readonly start: number;
  readonly signals: Readonly<Record<string, readonly Reading[]>>;
}

/** A batch spans at most this many ms, so that a range query knows where to begin. */
export const maxBatchSpan = 3_600_000;

/** AWS IoT Core meters messages and rule actions by 5 KB. */
export const meteringUnit = 5 * 1024;

/** Cloud → vehicle. */
export interface CommandRequest {
  readonly commandId: string;
  /** `doors.unlock` … */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly issuedAt: number;
  /** After this instant the vehicle does nothing and answers `rejected` with reason `expired`. */
  readonly expiresAt: number;
}

/** Vehicle → cloud. A duplicate request is answered with the remembered reply, unchanged. */
export interface CommandReply {
  readonly commandId: string;
  readonly status: 'succeeded' | 'rejected' | 'failed';
  /** Kebab-case: `expired`, `unknown-command`, `no-trusted-time`, `in-motion` … Absent when succeeded. */
  readonly reason?: string;
  /** One sentence for a person. */
  readonly detail?: string;
  readonly completedAt: number;
}

/** Vehicle → cloud, at each connection and after each installation. */
export interface InventoryReport {
  /** Rises with every report of this vehicle; an older report never replaces a newer one. */
  readonly sequence: number;
  /** The vehicle's software as a whole, as the driver reads it on the screen. */
  readonly softwareVersion: string;
  readonly ecus: readonly EcuReport[];
  /**
   * By UN regulation (`UN R79`): the RX software identification number of the software that the type approval under it
   * rests on (UN R156, 7.1.1.3). The vehicle keeps it itself and lets it be read. Absent: it has none.
   */
  readonly rxswins?: Readonly<Record<string, string>>;
}

export interface EcuReport {
  /** Unique in the vehicle, e.g. `gateway`, `battery-management`. */
  readonly ecuId: string;
  readonly hardwareId: string;
  readonly softwareVersion: string;
  /** Uptane's release counter: rises with each release of this ECU's software, never falls. */
  readonly releaseCounter: number;
}

/** Vehicle → cloud: asks for a code that makes whoever reads it from the screen the owner. */
export interface ClaimCodeRequest {
  /** Another one with each attempt: the cloud answers each once. */
  readonly requestId: string;
}

/** Cloud → vehicle. */
export type ClaimCodeAnswer =
  | {
      readonly kind: 'code';
      readonly requestId: string;
      /** Rises with each code of this vehicle: of two, the one with the higher revision is valid. */
      readonly revision: number;
      /** As it is shown: `7K3M-9QWX`. */
      readonly code: string;
      readonly expiresAt: number;
    }
  /** The code with this revision, and each before it, need not be shown any more. */
  | { readonly kind: 'used'; readonly revision: number }
  | {
      readonly kind: 'refused';
      readonly requestId: string;
      readonly reason: 'too-often';
      readonly retryAt: number;
    };
