import type { HubEvent } from '#functions/azure/hub-event.ts';

export const enqueuedAt = Date.parse('2026-11-22T10:00:00Z');

/** What a vehicle says, as the built-in endpoint has it. */
export function telemetryEvent(
  vehicleId: string,
  sequence: number,
  {
    channel = 'telemetry',
    body = '{}',
    ...more
  }: { channel?: string; body?: string | Uint8Array; homeEpoch?: string } = {},
): HubEvent {
  return {
    ...{ partition: '1', sequence, enqueuedAt, body: Buffer.from(body) },
    properties: { channel, homeEpoch: '0', ...more },
    systemProperties: { 'iothub-message-source': 'Telemetry', 'iothub-connection-device-id': vehicleId },
  };
}

/** What the hub says of a vehicle's line. */
export function connectionEvent(vehicleId: string, opType: string, sequenceNumber: unknown): HubEvent {
  return {
    ...{ partition: '1', sequence: 7, enqueuedAt, body: Buffer.from(JSON.stringify({ sequenceNumber })) },
    properties: { deviceId: vehicleId, opType, operationTimestamp: '2026-11-22T09:59:58.5000000Z', homeEpoch: '2' },
    systemProperties: { 'iothub-message-source': 'deviceConnectionStateEvents' },
  };
}
