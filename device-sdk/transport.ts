import type { Dialect } from './dialect.ts';

/**
 * What the SDK needs of a device cloud: its wire, and the dialect that is spoken over it. `transports/aws-iot.ts` is MQTT 5
 * over mTLS, `transports/azure-iot-hub.ts` an IoT Hub's MQTT, `transports/memory.ts` serves tests; another cloud's
 * protocol fits behind the same few methods.
 */
export interface Transport {
  readonly dialect: Dialect;
  /** Begins to connect and goes on, with jittered backoff, until the connection is closed. */
  connect(options: ConnectOptions, events: ConnectionEvents): Connection;
}

export interface ConnectOptions {
  readonly clientId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Where the cloud has told this vehicle to call; undefined where all call at one place. */
  readonly endpoint?: string | undefined;
  /** Seconds for which the cloud keeps subscriptions and unacknowledged messages of a lost connection; 0: none. */
  readonly sessionExpiry: number;
}

export interface ConnectionEvents {
  /** `sessionPresent`: the cloud still has the subscriptions and sends what came in the meantime. */
  connected(session: { readonly sessionPresent: boolean }): void;
  disconnected(reason: string): void;
  /** An attempt failed; the next one follows by itself. `denied`: the cloud was there and would not have this client. */
  refused(reason: string, denied: boolean): void;
  /** The cloud regards the message as received once this returns: keep what matters before. */
  message(topic: string, payload: Uint8Array): void;
}

export interface Connection {
  /** Resolves once the cloud has acknowledged the message (QoS 1); rejects when the connection went before, or with `Denied`. */
  publish(topic: string, payload: string): Promise<void>;
  /** Resolves once every filter is granted. At most eight filters: AWS IoT Core takes no more in a packet. */
  subscribe(filters: readonly string[]): Promise<void>;
  /** Says goodbye and lets go; resolves when the line is closed. */
  close(): Promise<void>;
}

/** The cloud understood and refused: the same again will be refused again. */
export class Denied extends Error {
  override readonly name = 'Denied';
}
