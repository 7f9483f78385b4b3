import type { LocalClock } from '#local/clock.ts';
import type { Feed, FeedSource } from './feed.ts';
import { type TwinSource, twinAnswer } from './twin-answer.ts';

interface Parts extends TwinSource {
  readonly hostName: string;
  readonly feed: Feed;
  readonly clock: LocalClock;
}

/** What the hub tells of itself: life cycle, twin changes, connections. Source: "IoT Hub non-telemetry event schemas". */
export class HubEvents {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    const { identities, twins, lines } = this.#parts;
    identities.created.add(({ deviceId }) => {
      const body = twinAnswer(this.#parts, deviceId);
      this.#append('deviceLifecycleEvents', deviceId, 'createDeviceIdentity', 'deviceLifecycleNotification', body);
    });
    identities.deleted.add(({ deviceId, generationId }) => {
      const body = { deviceId, generationId };
      this.#append('deviceLifecycleEvents', deviceId, 'deleteDeviceIdentity', 'deviceLifecycleNotification', body);
    });
    twins.changed.add(({ deviceId, operation, ...body }) =>
      this.#append('twinChangeEvents', deviceId, operation, 'twinChangeNotification', body),
    );
    lines.changed.add(({ deviceId, state, sequenceNumber }) =>
      this.#append('deviceConnectionStateEvents', deviceId, state, 'deviceConnectionStateNotification', {
        sequenceNumber,
      }),
    );
  }

  #append(source: FeedSource, deviceId: string, opType: string, schema: string, body: object): void {
    const { feed, clock, hostName } = this.#parts;
    feed.append({
      ...{ source, deviceId, body: Buffer.from(JSON.stringify(body)) },
      properties: {
        ...{ deviceId, opType, hubName: hostName.split('.')[0] ?? hostName },
        operationTimestamp: new Date(clock.now()).toISOString(),
        'iothub-message-schema': schema,
      },
      systemProperties: { 'content-type': 'application/json', 'content-encoding': 'utf-8' },
    });
  }
}
