import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { reasonOf } from '../host.ts';

/** Of MQTT.js, which Microsoft's SDKs speak through, what they do not pass on. */
interface MqttClient extends EventEmitter {
  readonly stream: EventEmitter;
  /** Called for each message; its PUBACK goes with `done`, unless with an error. Nothing else is read before. */
  handleMessage: (packet: object, done: (error?: Error) => void) => void;
  end(force: boolean): void;
}
interface MqttProvider {
  connect(uri: string, options: object): MqttClient;
}
type MqttBaseClass = new (provider: MqttProvider) => EventEmitter & { setTimeout(seconds: number): void };

// Neither is a dependency of ours: both have to be the very ones that the SDK was written for.
const ofDevice = createRequire(createRequire(import.meta.url).resolve('azure-iot-device-mqtt'));
const { MqttBase }: { readonly MqttBase: MqttBaseClass } = ofDevice('azure-iot-mqtt-base');
const mqtt: MqttProvider = createRequire(ofDevice.resolve('azure-iot-mqtt-base'))('mqtt');

/** CONNACK of MQTT 3.1.1: bad user name or password, not authorized. */
const denials: readonly unknown[] = [4, 5];
/** Milliseconds in which the cloud has to take or refuse a connection. */
const connectTimeout = 30_000;
/** Seconds after which an unanswered publish counts as lost. */
const acknowledgementTimeout = 15;

/**
 * `denied`: the cloud said that it would not have this client. `hung-up`: it was there and dropped the line, as it does
 * with a certificate that it does not know; a bad network may do the same.
 */
export interface ConnectFailure {
  readonly reason: string;
  readonly kind: 'denied' | 'hung-up' | 'unreachable';
}

export interface SdkMqttOptions {
  /** PEM of the authority that signed the cloud's certificate; default: the system's trust store. */
  readonly ca?: string | undefined;
  /** Seconds. */
  readonly keepAlive: number;
  readonly log: (line: string) => void;
}

/**
 * The MQTT connection below Microsoft's SDKs: it trusts whom it is told to, acknowledges a message only once it was
 * taken, and knows what the SDKs forget: why an attempt failed, and the status of an answer about the twin.
 */
export class SdkMqtt {
  /** What the SDKs' own transports are to be built upon. */
  readonly base: EventEmitter;
  /** Of the answer about the twin that the SDK is told of right now; else 0. */
  twinStatus = 0;
  private client: MqttClient | undefined;
  private secured = false;
  private admitted = false;
  private error: unknown;
  private ended = false;
  private readonly unacknowledged = new Set<() => void>();

  constructor({ ca, keepAlive, log }: SdkMqttOptions) {
    const connect = (uri: string, options: object) =>
      this.observed(mqtt.connect(uri, { ...options, connectTimeout, keepalive: keepAlive, ...(ca && { ca }) }));
    const told = (status: number) => {
      this.twinStatus = status;
    };
    const base = new (class extends MqttBase {
      /** The SDK parses what comes as if it could not be broken; nothing that comes may bring the vehicle down. */
      override emit(name: string, ...said: unknown[]): boolean {
        told(name === 'message' ? twinStatusOf(said[0]) : 0);
        try {
          return super.emit(name, ...said);
        } catch (error) {
          log(`a message that nobody can read: ${reasonOf(error)}`);
          return true;
        } finally {
          told(0);
        }
      }
    })({ connect });
    base.setTimeout(acknowledgementTimeout);
    this.base = base;
  }

  /** Why there never was a connection; undefined where there was one, or nobody was there. */
  get failure(): ConnectFailure | undefined {
    const { error, secured, admitted } = this;
    if (admitted) return undefined;
    if (!(error instanceof Error)) return secured ? { reason: 'the cloud hung up', kind: 'hung-up' } : undefined;
    const code: unknown = 'code' in error ? error.code : undefined;
    const isAlert = typeof code === 'string' && /^ERR_SSL_.*ALERT/.test(code);
    const isHangUp = isAlert || (secured && code === 'ECONNRESET');
    return { reason: error.message, kind: denials.includes(code) ? 'denied' : isHangUp ? 'hung-up' : 'unreachable' };
  }

  /** What was taken is acknowledged now: after the goodbye it would be too late. What still comes is not taken. */
  acknowledgeAll(): void {
    this.ended = true;
    for (const done of this.unacknowledged) done();
    this.unacknowledged.clear();
  }

  /** Drops the line without waiting for anything. */
  cut(): void {
    this.client?.end(true);
  }

  private observed(client: MqttClient): MqttClient {
    this.client = client;
    client.on('error', (error: unknown) => {
      this.error ??= error;
    });
    client.once('connect', () => {
      this.admitted = true;
    });
    client.stream.once('secureConnect', () => {
      this.secured = true;
    });
    client.handleMessage = (_, done) => {
      if (this.ended) return done(new Error('not taken'));
      this.unacknowledged.add(done);
      // The SDK hands the message on in the next tick; what it makes the vehicle say goes first, too.
      setImmediate(() => {
        if (this.unacknowledged.delete(done)) done();
      });
    };
    return client;
  }
}

function twinStatusOf(topic: unknown): number {
  return Number(/^\$iothub\/twin\/res\/(\d+)\//.exec(String(topic))?.[1] ?? 0);
}
