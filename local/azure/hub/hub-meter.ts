import type { Devicebound } from './devicebound.ts';
import type { Feed } from './feed.ts';
import type { Lines } from './lines.ts';
import type { Metering } from './metering.ts';
import type { Methods } from './methods.ts';
import { type TwinChange, type Twins, twinForDevice } from './twins.ts';

interface Parts {
  readonly twins: Twins;
  readonly lines: Lines;
  readonly methods: Methods;
  readonly devicebound: Devicebound;
  readonly feed: Feed;
  readonly metering: Metering;
}

/** What is billed. Source: "IoT Hub pricing": registry operations and keep-alives are free. */
export function meterHub({ twins, lines, methods, devicebound, feed, metering }: Parts): void {
  twins.seen.add((twin) => metering.count('twinRead', twin.deviceId, sizeOf(twinForDevice(twin))));
  twins.changed.add((change) => metering.count('twinUpdate', change.deviceId, sizeOf(written(change))));
  twins.desired.add(({ deviceId, patch }) => {
    if (lines.isConnected(deviceId)) metering.count('desiredNotification', deviceId, sizeOf(patch));
  });
  methods.carried.add(({ deviceId, way, bytes }) =>
    metering.count(way === 'request' ? 'methodRequest' : 'methodResponse', deviceId, bytes),
  );
  devicebound.queued.add(({ deviceId, body }) => metering.count('devicebound', deviceId, body.length));
  feed.appended.add(({ deviceId, source, body }) => {
    if (source === 'Telemetry') metering.count('telemetry', deviceId, body.length);
  });
}

const written = ({ tags, properties }: TwinChange) => ({ tags, properties });
const sizeOf = (value: object) => Buffer.byteLength(JSON.stringify(value));
