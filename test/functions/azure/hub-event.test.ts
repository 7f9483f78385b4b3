import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunksOf } from '#functions/azure/chunks.ts';
import { type HubEvent, readHubEvent } from '#functions/azure/hub-event.ts';
import {
  type DevicePost,
  devicePostsSchema,
  maxPostedBytes,
  maxPostedEvents,
  presenceIn,
  reportChannels,
} from '#shared/vehicle-cloud/device-post.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { connectionEvent, enqueuedAt, telemetryEvent } from './hub-samples.ts';

const vehicleId = aVehicleId();

function postOf(event: HubEvent): DevicePost {
  const read = readHubEvent(event);
  if (read.kind !== 'post') throw new Error(`It is ${read.kind}`);
  return read.post;
}

describe('what a vehicle says', () => {
  test('arrives byte by byte, under its channel, as the vehicle that the hub has let in', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...reportChannels),
        fc.nat(),
        (body, channel, sequence) => {
          const post = postOf(telemetryEvent(vehicleId, sequence, { channel, body }));
          expect(post).toMatchObject({ vehicleId, channel, sequence, source: '1', at: enqueuedAt, epoch: 0 });
          expect(new Uint8Array(Buffer.from(post.payload, 'base64'))).toEqual(new Uint8Array(body));
          expect(devicePostsSchema.safeParse({ events: [post] }).success).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('names no other vehicle: what a device says of itself does not count', () => {
    const event = telemetryEvent(vehicleId, 1);
    const other = aVehicleId();
    const lying = { ...event, properties: { ...event.properties, deviceId: other, vehicleId: other } };
    expect(postOf(lying).vehicleId).toBe(vehicleId);
  });

  test.each([
    ['3', 3],
    ['$twin.tags.home.epoch', 0],
    [undefined, 0],
    ['-1', 0],
  ])('of home epoch %s is of epoch %s', (homeEpoch, epoch) => {
    const event = telemetryEvent(vehicleId, 1);
    expect(postOf({ ...event, properties: { ...event.properties, homeEpoch } }).epoch).toBe(epoch);
  });

  test('is poison without a channel that the platform has, or where no body could hold it', () => {
    expect(readHubEvent(telemetryEvent(vehicleId, 1, { channel: 'presence' }))).toMatchObject({ kind: 'poison' });
    expect(readHubEvent(telemetryEvent(vehicleId, 1, { channel: 'warez' }))).toMatchObject({ kind: 'poison' });
    const body = new Uint8Array(200 * 1024);
    expect(readHubEvent(telemetryEvent(vehicleId, 1, { body }))).toMatchObject({ kind: 'poison', reason: /large/ });
  });

  test('is of no concern from a tool of an operator, or an edge module', () => {
    expect(readHubEvent(telemetryEvent('explorer-1', 1))).toEqual({ kind: 'ignored' });
    const event = telemetryEvent(vehicleId, 1);
    const systemProperties = { ...event.systemProperties, 'iothub-connection-module-id': 'm' };
    expect(readHubEvent({ ...event, systemProperties })).toEqual({ kind: 'ignored' });
  });
});

describe('what the hub says of a line', () => {
  test('becomes a presence, in order by the number that it carries', () => {
    const connected = postOf(connectionEvent(vehicleId, 'deviceConnected', '0a'));
    const gone = postOf(connectionEvent(vehicleId, 'deviceDisconnected', '0B'));
    expect(connected).toMatchObject({ vehicleId, channel: 'presence', epoch: 2, at: enqueuedAt - 1500 });
    const [first, second] = [presenceIn(connected.payload), presenceIn(gone.payload)];
    expect([first?.state, second?.state]).toEqual(['connected', 'disconnected']);
    expect((first?.sequence ?? '') < (second?.sequence ?? '')).toBe(true);
  });

  test('keeps the order of numbers, whatever their length and case', () => {
    const number = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(number, number, fc.boolean(), (one, other, upper) => {
        const text = (value: bigint) => (upper ? value.toString(16).toUpperCase() : value.toString(16));
        const sequenceOf = (value: bigint) =>
          presenceIn(postOf(connectionEvent(vehicleId, 'deviceConnected', text(value))).payload)?.sequence ?? '';
        expect(sequenceOf(one) < sequenceOf(other)).toBe(one < other);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['deviceExploded', '0A'],
    ['deviceConnected', 'what'],
    ['deviceConnected', 12],
    ['deviceConnected', undefined],
  ])('is poison as %s with the number %s', (opType, sequence) => {
    expect(readHubEvent(connectionEvent(vehicleId, opType, sequence))).toMatchObject({ kind: 'poison' });
  });
});

test('events go in as few bodies as the platform takes, in their order, none lost', () => {
  const size = fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 50_000, max: 180_000 }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 230 }), (sizes) => {
      const base = postOf(telemetryEvent(vehicleId, 0));
      const posts = sizes.map((bytes, sequence) => ({ ...base, sequence, payload: 'A'.repeat(bytes) }));
      const chunks = chunksOf(posts);
      expect(chunks.flat()).toEqual(posts);
      const weight = (events: readonly DevicePost[]) => Buffer.byteLength(JSON.stringify({ events }));
      for (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(maxPostedEvents);
        expect(weight(chunk)).toBeLessThanOrEqual(maxPostedBytes);
      }
      for (const [place, chunk] of chunks.entries()) {
        const [next] = chunks[place + 1] ?? [];
        if (next === undefined) continue;
        expect(chunk.length === maxPostedEvents || weight([...chunk, next]) > maxPostedBytes).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});
