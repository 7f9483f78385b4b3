import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DeviceboundMessage, FeedbackRecord } from '#local/azure/hub/devicebound-message.ts';
import { LocalIotHub } from '#local/azure/hub/hub.ts';
import { noFaults } from '#local/faults/faults.ts';
import { State } from '#local/state/collection.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { attached, hostName } from './service-scene.ts';

const deviceId = 'veh-1';
const minute = 60_000;

function newHub(directory = mkdtempSync(join(tmpdir(), 'fleetloom-hub-'))) {
  const [state, clock] = [new State(directory), new ManualClock()];
  const hub = new LocalIotHub({ hostName, state, clock, faults: noFaults, log: () => {} });
  const close = () => {
    hub.close();
    state.close();
  };
  onTestFinished(() => {
    close();
    rmSync(directory, { recursive: true, force: true });
  });
  if (hub.identities.find(deviceId) === undefined) hub.identities.create({ deviceId });
  const feedback: FeedbackRecord[] = [];
  hub.devicebound.feedback.add((record) => feedback.push(record));
  const send = (messageId: string, more: object = {}) =>
    hub.devicebound.enqueue({
      deviceId,
      messageId,
      body: Buffer.from('x'),
      properties: { channel: 'commands' },
      ack: 'full',
      ...more,
    });
  return { hub, clock, close, directory, feedback, send, queue: hub.devicebound };
}

/** A device that takes messages. */
function receiving(scene: ReturnType<typeof newHub>) {
  const got: DeviceboundMessage[] = [];
  const device = attached(scene, deviceId, { devicebound: (message) => void got.push(message) });
  scene.queue.connect(deviceId, device.line);
  return { ...device, got, ids: () => got.map(({ messageId }) => messageId) };
}

test('fifty messages wait for a device, in order, and the fifty-first is refused', () => {
  const scene = newHub();
  for (let n = 0; n < 50; n += 1) scene.send(`m-${n}`);
  expect(() => scene.send('m-50')).toThrow(/maximum number/);
  const { ids, got } = receiving(scene);
  expect(ids()).toEqual(Array.from({ length: 50 }, (_, n) => `m-${n}`));
  expect(got[0]).toMatchObject({ body: Buffer.from('x'), properties: { channel: 'commands' } });
  expect(scene.queue.count(deviceId)).toBe(50);
});

test('what the device has taken is gone and told, and cannot be taken twice', () => {
  const scene = newHub();
  scene.send('m-1');
  const [message] = receiving(scene).got;
  scene.queue.complete(deviceId, message?.lockToken ?? '');
  expect(scene.queue.count(deviceId)).toBe(0);
  const { generationId } = scene.hub.identities.get(deviceId);
  const told = { originalMessageId: 'm-1', deviceId, deviceGenerationId: generationId, statusCode: 'Success' };
  expect(scene.feedback).toMatchObject([told]);
  expect(() => scene.queue.complete(deviceId, message?.lockToken ?? '')).toThrow(/lock/);
});

test('what a device has not acknowledged comes again: after a minute, or when it comes back', () => {
  const scene = newHub();
  scene.send('m-1');
  const first = receiving(scene);
  scene.clock.advance(minute - 1);
  expect(first.ids()).toEqual(['m-1']);
  scene.clock.advance(1);
  expect(first.ids()).toEqual(['m-1', 'm-1']);
  expect(() => scene.queue.complete(deviceId, first.got[0]?.lockToken ?? '')).toThrow(/lock/);
  scene.hub.lines.detach(deviceId, first.line);
  expect(receiving(scene).ids()).toEqual(['m-1']);
});

test('what expires, is rejected, purged, or given back too often ends with that word', () => {
  const scene = newHub();
  scene.send('expires', { expiresAt: scene.clock.now() + minute });
  scene.clock.advance(minute - 1);
  expect(scene.feedback).toEqual([]);
  scene.clock.advance(1);
  scene.send('rejected');
  scene.queue.reject(deviceId, scene.queue.next(deviceId)?.lockToken ?? '');
  scene.send('purged');
  expect(scene.queue.purge(deviceId)).toBe(1);
  scene.send('given back');
  for (let n = 0; n < 10; n += 1) scene.queue.abandon(deviceId, scene.queue.next(deviceId)?.lockToken ?? '');
  expect(scene.feedback.map(({ originalMessageId, statusCode }) => [originalMessageId, statusCode])).toEqual([
    ['expires', 'Expired'],
    ['rejected', 'Rejected'],
    ['purged', 'Purged'],
    ['given back', 'DeliveryCountExceeded'],
  ]);
  expect(scene.queue.count(deviceId)).toBe(0);
});

test.each([
  ['none', []],
  ['positive', ['Success']],
  ['negative', ['Expired']],
  ['full', ['Success', 'Expired']],
] as const)('ack %s asks for this feedback alone', (ack, told) => {
  const scene = newHub();
  scene.send('taken', { ack });
  scene.queue.complete(deviceId, scene.queue.next(deviceId)?.lockToken ?? '');
  scene.send('expires', { ack, expiresAt: scene.clock.now() + minute });
  scene.clock.advance(minute);
  expect(scene.feedback.map(({ statusCode }) => statusCode)).toEqual(told);
});

test('a message that says no time lives for an hour', () => {
  const scene = newHub();
  scene.send('m-1');
  scene.clock.advance(60 * minute - 1);
  expect(scene.queue.count(deviceId)).toBe(1);
  scene.clock.advance(1);
  expect(scene.queue.count(deviceId)).toBe(0);
});

test('a message above 64 KB, beyond two days, or for nobody is refused', () => {
  const scene = newHub();
  expect(() => scene.send('large', { body: Buffer.alloc(65_537) })).toThrow(/65536/);
  expect(() => scene.send('late', { expiresAt: scene.clock.now() + 2 * 86_400_000 + 1 })).toThrow(/two days/);
  expect(() => scene.send('lost', { deviceId: 'nobody' })).toThrow(/not registered/);
  scene.send('largest', { body: Buffer.alloc(65_536), expiresAt: scene.clock.now() + 2 * 86_400_000 });
  expect(scene.queue.count(deviceId)).toBe(1);
});

test('identities, twins, queued messages, keys and the feed outlive a restart', () => {
  const before = newHub();
  before.hub.twins.patchByService(deviceId, { tags: { brand: 'audi' }, properties: { desired: { a: 1 } } });
  before.hub.twins.patchReported(deviceId, { b: 2 });
  before.send('expires', { expiresAt: before.clock.now() + minute });
  before.send('waits');
  const { line } = attached(before, deviceId);
  before.hub.lines.detach(deviceId, line);
  const connectionString = before.hub.policies.connectionString('service');
  const [identity, twin] = [before.hub.identities.get(deviceId), before.hub.twins.get(deviceId)];
  const partition = [0, 1, 2, 3].find((index) => before.hub.feed.read(index, 0).length > 0) ?? 0;
  const told = before.hub.feed.read(partition, 0);
  before.close();
  const after = newHub(before.directory);
  expect([after.hub.identities.get(deviceId), after.hub.twins.get(deviceId)]).toEqual([identity, twin]);
  expect(after.hub.policies.connectionString('service')).toBe(connectionString);
  expect(after.hub.feed.read(partition, 0)).toEqual(told);
  after.hub.feed.append({ source: 'Telemetry', deviceId, body: Buffer.from('{}'), properties: {} });
  expect(after.hub.feed.read(partition, told.length)).toMatchObject([{ sequence: told.length }]);
  after.clock.advance(minute);
  expect(after.feedback.map(({ originalMessageId }) => originalMessageId)).toEqual(['expires']);
  expect(receiving(after).ids()).toEqual(['waits']);
});

test('who was connected when the hub went down is told of as gone at its next start, once, and a later connection counts more', () => {
  const { hub, close, directory } = newHub();
  const { line } = attached({ hub }, deviceId);
  expect(line.connectionId).toBe(`line-${deviceId}`);
  close();
  const { hub: next } = newHub(directory);
  const told: (readonly [state: string, sequenceNumber: string])[] = [];
  next.lines.changed.add(({ state, sequenceNumber }) => told.push([state, sequenceNumber]));
  next.lines.announceLost();
  next.lines.announceLost();
  attached({ hub: next }, deviceId);
  expect(told.map(([state]) => state)).toEqual(['deviceDisconnected', 'deviceConnected']);
  expect(told.map(([, number]) => number)).toEqual(told.map(([, number]) => number).sort());
});

test('a hub that is closed looks at nothing any more, though time goes on', () => {
  const { clock, close, feedback, send, queue } = newHub();
  send('held');
  queue.next(deviceId);
  close();
  clock.advance(2 * 60 * minute);
  expect(feedback).toEqual([]);
});
