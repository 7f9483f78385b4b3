import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { HubError } from '#local/azure/hub/hub-error.ts';
import { twinForDevice } from '#local/azure/hub/twins.ts';
import type { PropertyBag } from './property-bag.ts';
import { type DevicePublication, deviceTopics } from './topics.ts';

interface Sent {
  readonly payload: Buffer | string;
  readonly retain: boolean;
}

export interface DeviceRequestsOptions {
  readonly hub: LocalIotHub;
  readonly deviceId: string;
  readonly authMethod: string;
  /** Answers the device. */
  send(topic: string, payload: string): void;
}

const largestMessage = 256 * 1024;

/** What a device says, handed to the hub. */
export class DeviceRequests {
  readonly #options: DeviceRequestsOptions;

  constructor(options: DeviceRequestsOptions) {
    this.#options = options;
  }

  take(meant: DevicePublication, sent: Sent): void {
    const { hub, deviceId } = this.#options;
    switch (meant.kind) {
      case 'event':
        this.event(meant, sent);
        break;
      case 'twin-get':
        this.#answered(meant.rid, () => {
          hub.admit('twinReads');
          const twin = JSON.stringify(twinForDevice(hub.twins.read(deviceId)));
          return [deviceTopics.twinAnswer(200, meant.rid), twin];
        });
        break;
      case 'twin-report':
        this.#answered(meant.rid, () => {
          hub.admit('twinUpdates');
          const version = hub.twins.patchReported(deviceId, parsed(sent.payload));
          return [deviceTopics.twinAnswer(204, meant.rid, version), ''];
        });
        break;
      case 'method-answer':
        this.#methodAnswer(meant, sent);
    }
  }

  /** @param more application properties that the hub adds */
  event({ properties, system }: PropertyBag, { payload, retain }: Sent, more: Readonly<Record<string, string>> = {}) {
    const { hub, deviceId, authMethod } = this.#options;
    const body = Buffer.from(payload);
    if (body.length > largestMessage) {
      hub.log(`a message of ${deviceId} is too large: ${body.length} bytes`);
      return;
    }
    hub.feed.append({
      ...{ source: 'Telemetry', deviceId, body },
      // Nothing is retained; whoever reads it is told that it was wished.
      properties: { ...properties, ...more, ...(retain && { 'mqtt-retain': 'true' }) },
      systemProperties: { ...system, 'iothub-connection-auth-method': authMethod },
    });
  }

  #methodAnswer({ rid, status }: DevicePublication & { readonly kind: 'method-answer' }, { payload }: Sent): void {
    const { hub, deviceId } = this.#options;
    try {
      hub.methods.answer(deviceId, rid, { status, payload: payload.length === 0 ? null : parsed(payload) });
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      hub.log(`${deviceId} answers a method with what is no JSON`); // whoever invoked it hears nothing
    }
  }

  /** The SDKs read a refusal from its body. */
  #answered(rid: string, work: () => readonly [topic: string, payload: string]): void {
    const { send } = this.#options;
    try {
      send(...work());
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      const { number, message, trackingId, status, retryAfter } = error;
      const timestampUtc = new Date().toISOString();
      const info = retryAfter === undefined ? {} : { info: { 'retry-after': String(retryAfter) } };
      send(
        deviceTopics.twinAnswer(status, rid),
        JSON.stringify({ errorCode: number, message, trackingId, timestampUtc, ...info }),
      );
    }
  }
}

function parsed(payload: Buffer | string): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    throw new HubError('ArgumentInvalid', 'The body is not JSON.');
  }
}
