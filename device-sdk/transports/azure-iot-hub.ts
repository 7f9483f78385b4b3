import { readFileSync } from 'node:fs';
import { dateOf } from '../azure/date-header.ts';
import { HubLine } from '../azure/hub-line.ts';
import { azureIotHubDialect } from '../dialects/azure-iot-hub.ts';
import { type Log, reasonOf } from '../host.ts';
import { type ReconnectDelay, reconnectPause, usualDelay } from '../reconnect-delay.ts';
import { type Connection, type ConnectionEvents, type ConnectOptions, Denied, type Transport } from '../transport.ts';

export interface AzureIotHubPlace {
  /** Host name of the hub for vehicles that no provisioning service has told theirs. */
  readonly hub?: string;
  /** Called in place of whichever hub it is, e.g. a local one. Default: the hub itself, ports 8883 and 443. */
  readonly gateway?: { readonly host: string; readonly mqttPort: number; readonly httpsPort: number };
  /** PEM file of the authority that signed the hub's certificate; default: the system's trust store. */
  readonly caFile?: string;
  /** Seconds, up to 1177; default 180: the hub's load balancer forgets who is silent for four minutes. */
  readonly keepAlive?: number;
  /** Default 500 and 60,000 ms. */
  readonly reconnectDelay?: ReconnectDelay;
  /** Is told of what comes from the hub and cannot be understood. */
  readonly log?: Log;
}

/**
 * Azure IoT Hub, or the local one in its place: MQTT 3.1.1 over mutual TLS with Microsoft's own device SDK, whose own
 * retries are not used. What was not acknowledged fails when the line breaks: outbox, command memory and twins repeat
 * it, and so nothing is repeated by two parties.
 *
 * @example
 * const transport = azureIotHub({ gateway: { host: 'localhost', mqttPort: 8883, httpsPort: 8443 }, caFile: '.local/ca.pem' });
 */
export function azureIotHub(place: AzureIotHubPlace): Transport {
  const ca = place.caFile === undefined ? undefined : readFileSync(place.caFile, 'utf8');
  const hubOf = (endpoint: string | undefined): string => {
    const hub = endpoint ?? place.hub;
    if (hub === undefined) throw new Error('nobody has said which hub the vehicle is at home in');
    return hub;
  };
  const { gateway } = place;
  return {
    dialect: azureIotHubDialect(async (endpoint) => {
      const hub = hubOf(endpoint);
      return dateOf({
        host: gateway?.host ?? hub,
        port: gateway?.httpsPort ?? 443,
        servername: gateway?.host ?? hub,
        ca,
      });
    }),
    connect: (options, events) => new HubConnection({ ...place, ca, hub: hubOf(options.endpoint) }, options, events),
  };
}

type Place = AzureIotHubPlace & { readonly hub: string; readonly ca: string | undefined };

/** A line after the other, until it is closed. */
class HubConnection implements Connection {
  private readonly place: Place;
  private readonly options: ConnectOptions;
  private readonly events: ConnectionEvents;
  private readonly delay: ReconnectDelay;
  private line: HubLine;
  private closing: Promise<void> | undefined;
  private failures = 0;
  private next: NodeJS.Timeout | undefined;
  /** Until the line has stood for a while. */
  private young: NodeJS.Timeout | undefined;

  constructor(place: Place, options: ConnectOptions, events: ConnectionEvents) {
    this.place = place;
    this.options = options;
    this.events = events;
    this.delay = place.reconnectDelay ?? usualDelay;
    this.line = this.newLine();
    void this.dial();
  }

  publish(topic: string, payload: string): Promise<void> {
    return this.line.publish(topic, payload);
  }

  subscribe(filters: readonly string[]): Promise<void> {
    return this.line.subscribe(filters);
  }

  close(): Promise<void> {
    clearTimeout(this.next);
    clearTimeout(this.young);
    this.closing ??= this.line.close();
    return this.closing;
  }

  private newLine(): HubLine {
    const { hub, gateway, ca, keepAlive = 180 } = this.place;
    const { clientId, certificatePem, privateKeyPem } = this.options;
    return new HubLine(
      {
        ...{ hub, ca, keepAlive, deviceId: clientId, certificatePem, privateKeyPem },
        gateway: gateway && `${gateway.host}:${gateway.mqttPort}`,
      },
      {
        broke: (reason) => {
          clearTimeout(this.young);
          if (this.closing !== undefined) return;
          this.events.disconnected(reason);
          this.again();
        },
        message: (topic, payload) => {
          // What comes after the goodbye is not taken: the cloud sends it again.
          if (this.closing === undefined) this.events.message(topic, payload);
        },
        log: (line) => this.place.log?.(line),
      },
    );
  }

  private async dial(): Promise<void> {
    const { line, delay } = this;
    try {
      await line.open();
    } catch (error) {
      // An attempt that is broken off because somebody closes says nothing about the cloud.
      if (this.closing !== undefined) return;
      this.events.refused(reasonOf(error), error instanceof Denied);
      this.again();
      return;
    }
    if (this.closing !== undefined) return;
    this.young = setTimeout(() => {
      this.failures = 0;
    }, delay.max / 2);
    this.young.unref();
    // Each line is a new one to the SDK, which has to be told anew what it listens to.
    this.events.connected({ sessionPresent: false });
  }

  private again(): void {
    if (this.closing !== undefined) return;
    const pause = reconnectPause(this.failures, Math.random(), this.delay);
    this.failures += 1;
    this.next = setTimeout(() => {
      this.line = this.newLine();
      void this.dial();
    }, pause);
  }
}
