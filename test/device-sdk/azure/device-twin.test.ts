import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { DeviceTwin } from '#device-sdk/azure/device-twin.ts';
import { TwinRollout } from '#device-sdk/azure/twin-rollout.ts';
import { asObject, differing } from '#device-sdk/json-object.ts';
import { Denied } from '#device-sdk/transport.ts';
import { LocalIotHub } from '#local/azure/hub/hub.ts';
import { HubError } from '#local/azure/hub/hub-error.ts';
import { twinForDevice } from '#local/azure/hub/twins.ts';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { State } from '#local/state/collection.ts';
import { temporaryDirectory } from '../test-cloud.ts';

const state = new State(temporaryDirectory());
const hub = new LocalIotHub({ hostName: 'test', state, clock: systemClock, faults: noFaults, log: () => {} });
afterAll(() => state.close());
let count = 0;

/** The hub's own twin at the other end of a line in memory, whose patches a test may lose. */
function scene() {
  count += 1;
  const deviceId = `veh-${count}`;
  hub.identities.create({ deviceId });
  const asked: string[] = [];
  const patches: object[] = [];
  let line: 'up' | 'down' | 'mute' = 'up';
  const receive = (topic: string, message: object) => twin.receive(topic, Buffer.from(JSON.stringify(message)));
  const wire = {
    async publish(topic: string, payload: string) {
      if (line === 'down') throw new Error('not connected');
      asked.push(topic);
      if (line === 'mute') return;
      if (topic === 'twin/get') receive('twin/document', twinForDevice(hub.twins.get(deviceId)));
      else {
        try {
          hub.twins.patchReported(deviceId, JSON.parse(payload));
        } catch (error) {
          throw error instanceof HubError ? new Denied(error.message) : error;
        }
      }
    },
  };
  const timers = new Set<() => void>();
  const after = (_: number, fire: () => void) => {
    timers.add(fire);
    return () => timers.delete(fire);
  };
  const twin = new DeviceTwin({ wire, host: { after }, log: () => {} });
  const wish = (desired: object, isHeard = true) => {
    const { version } = hub.twins.patchByService(deviceId, { properties: { desired } }).desired;
    patches.push({ ...desired, $version: version });
    if (isHeard) receive('twin/desired', { ...desired, $version: version });
  };
  const again = (at: number) => {
    const patch = patches[at % Math.max(patches.length, 1)];
    if (patch !== undefined) receive('twin/desired', patch);
  };
  const reconnect = async () => {
    twin.disconnected();
    twin.connected();
    await turn();
  };
  const become = (now: typeof line) => {
    line = now;
  };
  const reported = () => hub.twins.get(deviceId).reported.value;
  return { deviceId, twin, wish, again, reconnect, asked, timers, become, reported };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const value = fc.oneof(
  fc.integer({ min: 0, max: 2 }),
  fc.constant(null),
  fc.record({ a: fc.nat(2) }),
  fc.constant([1]),
);
const members = fc.dictionary(fc.constantFrom('x', 'y'), value, { minKeys: 1 });
const moves = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('wish', 'lost'), name: fc.constantFrom('one', 'two'), members }),
    fc.record({ kind: fc.constant('report'), name: fc.constantFrom('one', 'two'), members }),
    fc.record({ kind: fc.constant('again'), at: fc.nat(9) }),
    fc.record({ kind: fc.constant('reconnect') }),
  ),
  { maxLength: 12 },
);

test('whatever is lost, repeated or late, the next patch or line shows what is desired and not reported', async () => {
  await fc.assert(
    fc.asyncProperty(moves, async (history) => {
      const { deviceId, twin, wish, again, reconnect } = scene();
      const heard = new Map<string, object>();
      twin.onDelta = (name, { delta }) => heard.set(name, delta);
      await reconnect();
      for (const move of history) {
        if ('members' in move && move.kind === 'report') await twin.report(move.name, move.members);
        else if ('members' in move) wish({ [move.name]: move.members }, move.kind === 'wish');
        else if ('at' in move) again(move.at);
        else await reconnect();
      }
      wish({ three: { z: 1 } });
      await turn();
      const { desired, reported } = hub.twins.get(deviceId);
      for (const name of ['one', 'two', 'three']) {
        const delta = differing(asObject(desired.value[name]), asObject(reported.value[name]));
        expect(await twin.get(name)).toMatchObject({ kind: 'accepted', view: { version: desired.version, delta } });
      }
      expect(heard.get('three')).toEqual({ z: 1 });
    }),
    { numRuns: 150 },
  );
});

test('one question a connection serves every twin, and what is heard afterwards needs none', async () => {
  const { twin, wish, again, reconnect, asked } = scene();
  await reconnect();
  await Promise.all([twin.get('one'), twin.get('two')]);
  wish({ one: { x: 1 }, stamps: { one: 7 } });
  again(0);
  expect(await twin.get('one')).toMatchObject({ view: { delta: { x: 1 }, askedAt: 7 } });
  expect(asked).toEqual(['twin/get']);
});

test('what somebody takes out of a wish is told, also where nobody heard of it', async () => {
  const { twin, wish, reconnect } = scene();
  const gone: unknown[] = [];
  twin.onTakenBack = (name, names) => gone.push([name, names]);
  wish({ ota: { offer: 1, other: 2 }, comfort: { seat: 1 } });
  await reconnect();
  wish({ ota: { offer: null } });
  wish({ comfort: null }, false);
  await reconnect();
  expect(gone).toEqual([
    ['ota', ['offer']],
    ['comfort', ['seat']],
  ]);
});

test('the twin is asked for again where it was asked in vain, and a line that breaks leaves nobody waiting', async () => {
  const { twin, reconnect, timers, become, asked } = scene();
  become('down');
  await reconnect();
  become('up');
  for (const fire of [...timers]) fire();
  await turn();
  expect(await twin.get('one')).toMatchObject({ kind: 'accepted' });
  expect(asked).toEqual(['twin/get']);
  become('mute');
  twin.disconnected();
  const waiting = twin.get('one');
  twin.disconnected();
  await expect(waiting).rejects.toThrow('the line broke');
});

test('a report that the hub will not have is an answer, and changes nothing on board', async () => {
  const { twin, reconnect } = scene();
  await reconnect();
  expect(await twin.report('one', { 'a.b': 1 })).toMatchObject({ kind: 'rejected', code: 400 });
  expect(twin.member('one')?.reported).toEqual({});
});

const campaignId = 'cmp-1';

test('a campaign is released by the twin, begins and ends there, and is over once for each release', async () => {
  const { twin, wish, reconnect, reported } = scene();
  const rollout = new TwinRollout(twin);
  let changes = 0;
  rollout.onChange = () => {
    changes += 1;
  };
  await expect(rollout.ended(campaignId, true, '')).rejects.toThrow('not known');
  await reconnect();
  wish({ rollouts: { [campaignId]: { releasedAt: 1 }, standing: { releasedAt: 1 } } });
  expect([rollout.isReleased(campaignId), changes]).toEqual([true, 2]);
  expect(await rollout.installing(campaignId)).toBe(true);
  expect(reported()).toEqual({ rollouts: { [campaignId]: { status: 'in-progress', releasedAt: 1 } } });
  await rollout.ended(campaignId, false, 'no power');
  expect(rollout.isReleased(campaignId)).toBe(false);
  expect(reported()['rollouts']).toMatchObject({ [campaignId]: { status: 'failed', detail: 'no power' } });
  wish({ rollouts: { [campaignId]: { releasedAt: 2 } } });
  expect(rollout.isReleased(campaignId)).toBe(true);
});

test('what was taken back does not begin, even where nobody heard that; what is gone is said no more', async () => {
  const { twin, wish, reconnect, reported } = scene();
  const rollout = new TwinRollout(twin);
  await reconnect();
  wish({ rollouts: { [campaignId]: { releasedAt: 1 } } });
  await rollout.installing(campaignId);
  wish({ rollouts: { [campaignId]: null } }, false);
  expect(rollout.isReleased(campaignId)).toBe(true);
  expect(await rollout.installing(campaignId)).toBe(false);
  wish({ rollouts: { standing: { releasedAt: 5 } } });
  expect(await rollout.installing('cmp-2')).toBe(true);
  expect(reported()).toEqual({ rollouts: { standing: { status: 'in-progress', releasedAt: 5 } } });
});
