import { randomUUID } from 'node:crypto';
import azureIotCommon from 'azure-iot-common';
import azureIotDevice, { type Message } from 'azure-iot-device';
import azureMqtt, { type Mqtt } from 'azure-iot-device-mqtt';
import { reasonOf } from '../host.ts';
import { parseJson } from '../storage.ts';
import { Denied } from '../transport.ts';
import { channels, twinTopics } from './channels.ts';
import { DirectMethods } from './direct-methods.ts';
import { SdkMqtt } from './sdk-mqtt.ts';

export interface HubLineOptions {
  /** Host name of the hub. */
  readonly hub: string;
  /** Called in place of the hub: `host:port`. */
  readonly gateway?: string | undefined;
  readonly ca?: string | undefined;
  /** Seconds. */
  readonly keepAlive: number;
  readonly deviceId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface HubLineEvents {
  /** Called once, for a line that stood. */
  broke(reason: string): void;
  message(topic: string, payload: Uint8Array): void;
  log(line: string): void;
}

/** Milliseconds that an answer of the hub, and a goodbye, may take. */
const answerTimeout = 15_000;
const farewell = 3000;
/** Milliseconds for the last packets where an acknowledgement is missing: the SDK would wait for it, and nobody else does. */
const lastWords = 100;

type Callback<Result> = (error?: Error | null, result?: Result) => void;

/** One connection to an IoT Hub, from its first packet to its last, with Microsoft's device SDK. It does not come back. */
export class HubLine {
  private readonly events: HubLineEvents;
  private readonly wire: SdkMqtt;
  private readonly mqtt: Mqtt;
  private readonly methods: DirectMethods;
  private state: 'opening' | 'open' | 'gone' = 'opening';
  /** What waits for an answer: the SDK forgets some of it when the line breaks. */
  private readonly waiting = new Set<(reason: Error) => void>();

  constructor(options: HubLineOptions, events: HubLineEvents) {
    const { hub, gateway, ca, keepAlive, deviceId, certificatePem, privateKeyPem } = options;
    this.events = events;
    const log = (line: string) => events.log(line);
    this.wire = new SdkMqtt({ ca, keepAlive, log });
    const provider = new azureIotDevice.X509AuthenticationProvider({
      ...{ host: hub, deviceId, x509: { cert: certificatePem, key: privateKeyPem } },
      ...(gateway !== undefined && { gatewayHostName: gateway }),
    });
    this.mqtt = new azureMqtt.Mqtt(provider, this.wire.base);
    this.methods = new DirectMethods(this.mqtt, (channel, payload) => this.hear(channel, payload), log);
    this.mqtt.on('message', (message: Message) => this.queued(message));
    this.mqtt.on('twinDesiredPropertiesUpdate', (patch: object) => this.hearDocument(twinTopics.desired, patch));
    this.mqtt.on('disconnect', (error?: Error) => this.broke(reasonOf(error ?? 'the line broke')));
  }

  /** Resolves once the hub has let the device in; otherwise the line is of no use any more. @throws Denied */
  async open(): Promise<void> {
    try {
      await called((done) => this.mqtt.connect(done));
    } catch (error) {
      const wasOpening = this.state === 'opening';
      this.end('not connected');
      if (!wasOpening) throw error;
      const { reason, kind } = this.wire.failure ?? { reason: 'the hub does not answer', kind: 'unreachable' };
      throw kind === 'unreachable' ? new Error(reason) : new Denied(reason);
    }
    if (this.state !== 'opening') throw new Error('the connection was closed');
    this.state = 'open';
  }

  async publish(topic: string, payload: string): Promise<void> {
    if (this.state !== 'open') throw new Error('not connected');
    if (topic === twinTopics.get) return this.readTwin();
    if (topic === twinTopics.reported) return this.report(payload);
    if (topic === channels.commandReplyTopic) this.methods.replied(payload);
    const message = new azureIotDevice.Message(payload);
    message.messageId = randomUUID();
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    message.properties.add('channel', topic);
    try {
      await this.answered((done) => this.mqtt.sendEvent(message, done));
    } catch (error) {
      if (!(error instanceof azureIotCommon.errors.MessageTooLargeError)) throw error;
      throw new Denied(error.message);
    }
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    if (this.state !== 'open') throw new Error('not connected');
    const ofTwin: readonly string[] = [twinTopics.document, twinTopics.desired];
    const messages = filters.filter((filter) => !ofTwin.includes(filter));
    const granted: Promise<unknown>[] = [];
    if (messages.length > 0) {
      this.methods.listensTo(messages);
      granted.push(this.answered((done) => this.mqtt.enableMethods(done)));
      granted.push(this.answered((done) => this.mqtt.enableC2D(done)));
    }
    if (filters.includes(twinTopics.desired)) {
      granted.push(this.answered((done) => this.mqtt.enableTwinDesiredPropertiesUpdates(done)));
    }
    await Promise.all(granted);
  }

  /** Says goodbye and lets go; what is under way fails. */
  async close(): Promise<void> {
    if (this.state === 'gone') return;
    const patience = this.state === 'opening' || this.waiting.size > 0 ? lastWords : farewell;
    this.wire.acknowledgeAll();
    this.end('the connection was closed');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.mqtt.disconnect(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.wire.cut();
  }

  private async readTwin(): Promise<void> {
    const document = await this.answered<object>((done) => this.mqtt.getTwin(this.judged(done)));
    if (document !== undefined) this.hearDocument(twinTopics.document, document);
  }

  private async report(payload: string): Promise<void> {
    await this.answered((done) => this.mqtt.updateTwinReportedProperties(parseJson(payload), this.judged(done)));
  }

  /** The SDK takes every answer about the twin for a yes that does not say no in words. */
  private judged<Result>(done: Callback<Result>): Callback<Result> {
    return (error, result) => {
      const { twinStatus } = this.wire;
      if (twinStatus < 300) return done(error, result);
      const message = `${twinStatus} ${error?.message ?? ''}`.trim();
      // A quota and the hub's own troubles pass, everything else will be refused again.
      done(twinStatus === 429 || twinStatus >= 500 ? new Error(message) : new Denied(message));
    };
  }

  /** A message that the hub has kept for the device. */
  private queued(message: Message): void {
    const channel = message.properties.getValue('channel');
    if (channel === undefined) this.events.log('a message of the hub that names no channel');
    else this.hear(channel, message.getBytes());
  }

  private hearDocument(topic: string, document: object): void {
    this.hear(topic, Buffer.from(JSON.stringify(document)));
  }

  private hear(topic: string, payload: Uint8Array): void {
    if (this.state !== 'gone') this.events.message(topic, payload);
  }

  private broke(reason: string): void {
    const wasOpen = this.state === 'open';
    this.end(`the line broke: ${reason}`);
    this.wire.cut();
    if (wasOpen) this.events.broke(reason);
  }

  private end(reason: string): void {
    this.state = 'gone';
    this.methods.close();
    for (const reject of [...this.waiting]) reject(new Error(reason));
  }

  private answered<Result>(ask: (done: Callback<Result>) => void): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer);
        this.waiting.delete(fail);
        end();
      };
      const fail = (reason: Error) => settle(() => reject(reason));
      const timer = setTimeout(() => fail(new Error('no answer of the hub')), answerTimeout);
      this.waiting.add(fail);
      called(ask).then(
        (result) => settle(() => resolve(result)),
        (error) => fail(error),
      );
    });
  }
}

function called<Result>(ask: (done: Callback<Result>) => void): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    ask((error, result) => (error ? reject(error) : resolve(result)));
  });
}
