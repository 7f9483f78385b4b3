import type { Devicebound } from './devicebound.ts';
import type { Feed, FeedRecord } from './feed.ts';
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
  feed.appended.add((record) => {
    if (record.source === 'Telemetry') metering.count('telemetry', record.deviceId, lengthOf(record));
  });
}

const written = ({ tags, properties }: TwinChange) => ({ tags, properties });
const sizeOf = (value: object) => Buffer.byteLength(JSON.stringify(value));

/** Source: "Create and read IoT Hub messages". That those count which the hub sets itself is the dearer reading of it. */
function lengthOf({ body, properties, systemProperties }: FeedRecord): number {
  const texts = [...Object.entries(properties).flat(), ...Object.values(systemProperties)];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), body.length);
}
