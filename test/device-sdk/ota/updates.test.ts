import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { NotDecided } from '#device-sdk/ota/updates.ts';
import { NotRepaired } from '#device-sdk/ota/workshop.ts';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import { ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { until } from '../test-cloud.ts';
import { campaignId, closeVehicles, offerOf, onTheRoad } from './update-cloud.ts';

afterEach(closeVehicles);

type Road = Awaited<ReturnType<typeof onTheRoad>>;

async function offered({ updates, vehicle, vehicleId }: Road, change: Parameters<typeof offerOf>[0] = {}) {
  updates.offer(vehicleId, offerOf(change));
  await until(() => vehicle.updates?.available?.revision === (change.revision ?? 1), 'the offer');
}

async function accepted(road: Road) {
  await offered(road);
  road.vehicle.updates?.accept();
  road.updates.releaseTo(road.vehicleId);
}

async function resulted({ updates }: Road, count = 1) {
  await until(() => updates.results().length >= count, 'a result');
  await until(() => !['QUEUED', 'IN_PROGRESS'].includes(updates.executions[count - 1]?.status ?? ''), 'an end');
  return updates.results()[count - 1];
}

describe('an update, from the offer on the screen to the result', () => {
  test('of one control unit: offered, accepted, released, verified, downloaded, installed and told', async () => {
    const { updates, cloud, vehicle, vehicleId, versions } = await onTheRoad(['gateway']);
    const shown: (string | undefined)[] = [];
    vehicle.updates?.onOffer((offer) => shown.push(offer?.texts['en']?.title));
    updates.offer(vehicleId, offerOf());
    await until(() => shown.includes('Version 2'), 'the offer');
    vehicle.updates?.accept();
    const decision = await until(() => updates.reports.find(({ kind }) => kind === 'decision'), 'the decision');
    expect(decision).toMatchObject({ campaignId, revision: 1, decision: { kind: 'accept' } });
    expect(shown).toEqual([undefined, 'Version 2', undefined]);
    updates.releaseTo(vehicleId);
    const [result] = await until(() => updates.results().length > 0 && updates.results(), 'the result');
    expect(result).toMatchObject({ attempt: 1, outcome: 'installed', safety: 'safe', softwareVersion: '2.0.0' });
    expect(result?.ecus).toEqual([
      { ecuId: 'gateway', hardwareId: 'gateway-1', softwareVersion: '2.0.0', releaseCounter: 2 },
    ]);
    expect(await versions()).toBe('2.0.0');
    await until(() => updates.executions[0]?.status === 'SUCCEEDED', 'the end of the job');
    await until(() => cloud.inventories.at(-1)?.softwareVersion === '2.0.0', 'the inventory');
    const asked = updates.reports.flatMap((report) => (report.kind === 'ask' ? [report.purpose] : []));
    expect(asked).toEqual(['download', 'install']);
    const sequences = updates.reports.flatMap((report) => ('sequence' in report ? [report.sequence] : []));
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(sequences.length);
  });
});

describe('what the driver says', () => {
  test('nothing is downloaded before somebody has consented, nor before the campaign releases it', async () => {
    const road = await onTheRoad(['gateway']);
    await offered(road);
    road.updates.releaseTo(road.vehicleId);
    await until(() => road.cloud.log.length >= 0);
    expect(road.updates.reports).toEqual([]);
    road.vehicle.updates?.accept();
    await resulted(road);
  });

  test('an acceptance in the app counts like one on the screen', async () => {
    const road = await onTheRoad(['gateway']);
    await offered(road, { state: { status: 'accepted', from: 0, to: Date.now() + 3_600_000 }, revision: 2 });
    road.updates.releaseTo(road.vehicleId);
    expect(await resulted(road)).toMatchObject({ outcome: 'installed' });
  });

  test('9. Decline: reminder after two days, mute, still available', async () => {
    const road = await onTheRoad(['gateway']);
    const { vehicle, updates } = road;
    const shown: unknown[] = [];
    await offered(road);
    vehicle.updates?.onOffer((offer) => shown.push(offer?.revision));
    vehicle.updates?.decline();
    expect(vehicle.updates?.available?.state).toMatchObject({ status: 'declined' });
    await offered(road, { revision: 2, state: { status: 'declined', remindAt: Date.now() + 1200 } });
    await until(() => shown.at(-1) === 2, 'the reminder');
    expect(shown).toEqual([1, undefined, 2]);
    vehicle.updates?.mute();
    expect(shown.at(-1)).toBe(undefined);
    expect(vehicle.updates?.available?.state).toEqual({ status: 'muted' });
    await until(() => updates.reports.length === 2, 'both decisions');
    expect(updates.reports).toMatchObject([{ decision: { kind: 'decline' } }, { decision: { kind: 'mute' } }]);
  });

  test('a recall cannot be muted, and what the operator decides the driver does not', async () => {
    const road = await onTheRoad(['gateway']);
    const { vehicle } = road;
    expect(() => vehicle.updates?.accept()).toThrow(NotDecided);
    await offered(road, { recall: true });
    expect(() => vehicle.updates?.mute()).toThrow('A recall cannot be muted.');
    await offered(road, { revision: 2, consentBy: 'operator' });
    expect(() => vehicle.updates?.accept()).toThrow('The operator');
  });

  test('a decision that was made in a tunnel is told when the vehicle comes out, also after a restart', async () => {
    const road = await onTheRoad(['gateway']);
    await offered(road);
    road.cloud.hub.shut();
    road.vehicle.updates?.decline();
    await road.vehicle.close();
    const next = road.life();
    expect(next.updates?.available?.state.status).toBe('declined');
    road.cloud.hub.open();
    await next.connect();
    await until(() => road.updates.reports.length > 0, 'the decision');
    expect(road.updates.reports).toMatchObject([{ kind: 'decision', decision: { kind: 'decline' } }]);
  });

  test('nothing can be decided any more while it is being installed, and the record keeps what was consented to', async () => {
    const road = await onTheRoad(['gateway']);
    const updates = road.vehicle.updates;
    const refused: unknown[] = [];
    updates?.onProgress(({ phase }) => {
      if (phase !== 'installing') return;
      for (const decide of [() => updates.decline(), () => updates.mute(), () => updates.accept()]) {
        try {
          decide();
        } catch (error) {
          refused.push(error);
        }
      }
    });
    await accepted(road);
    const result = await resulted(road);
    expect(result).toMatchObject({ outcome: 'installed' });
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const error of refused) expect(error).toEqual(new NotDecided('An update is being installed.'));
    const decisions = road.updates.reports.flatMap((it) => (it.kind === 'decision' ? [it.decision.kind] : []));
    expect(decisions).toEqual(['accept']);
  });

  test('a restart goes on with the same attempt, also where the cloud has taken the acceptance in meanwhile', async () => {
    const road = await onTheRoad(['gateway']);
    const { updates, vehicle } = road;
    road.body.set({ ignitionOn: true });
    await accepted(road);
    const isWaiting = () => updates.reports.filter((it) => it.kind === 'progress' && it.phase === 'waiting').length;
    await until(() => isWaiting() > 0, 'waiting');
    const made = updates.reports.find((it) => it.kind === 'decision');
    if (made?.kind !== 'decision' || made.decision.kind !== 'accept') throw new Error('nothing was accepted');
    const { from, to } = made.decision;
    await offered(road, { revision: 2, state: { status: 'accepted', from, to } });
    await vehicle.close();
    const next = road.life();
    await next.connect();
    await until(() => isWaiting() > 1, 'waiting again');
    road.body.set({ ignitionOn: false });
    expect(await resulted(road)).toMatchObject({ outcome: 'installed', attempt: 1 });
    const sequences = updates.reports.flatMap((report) => ('sequence' in report ? [report.sequence] : []));
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  test('8. Consent that was taken back while the vehicle waits ends the attempt, and nothing is installed', async () => {
    const road = await onTheRoad(['gateway']);
    road.body.set({ ignitionOn: true });
    await accepted(road);
    await until(() => road.updates.reports.some((it) => it.kind === 'progress' && it.phase === 'waiting'), 'waiting');
    await offered(road, { revision: 2 });
    await until(() => road.cloud.log.some((line) => line.includes('was taken back')), 'the end of the attempt');
    road.body.set({ ignitionOn: false });
    // Another consent is another attempt: what the cloud held of the former one is over.
    await offered(road, { revision: 3, state: { status: 'accepted', from: 0, to: Date.now() + 3_600_000 } });
    expect(await resulted(road)).toMatchObject({ outcome: 'installed', attempt: 2 });
    expect(road.updates.results()).toHaveLength(1);
  });
});

test('13. A vehicle that waits for nothing asks for no jobs when it connects, and one that has consented does', async () => {
  const road = await onTheRoad(['gateway']);
  await offered(road);
  road.cloud.hub.cut(road.vehicleId);
  await until(() => road.vehicle.presence.status === 'offline', 'the cut');
  await until(() => road.vehicle.presence.status === 'online', 'the line');
  expect(road.updates.jobRequests).toEqual([]);
  road.vehicle.updates?.accept();
  await until(() => road.updates.jobRequests.length > 0, 'a question for jobs');
});

describe('on the way to the install', () => {
  test('7. Ignition, battery or movement: the vehicle waits, says for what, and goes on', async () => {
    const road = await onTheRoad(['gateway']);
    road.body.set({ ignitionOn: true, battery: 10 });
    await accepted(road);
    const waiting = await until(
      () => road.updates.reports.find((report) => report.kind === 'progress' && report.phase === 'waiting'),
      'waiting',
    );
    expect(waiting).toMatchObject({ waitsFor: ['ignition-off', 'battery'] });
    road.body.set({ ignitionOn: false, battery: 90 });
    expect(await resulted(road)).toMatchObject({ outcome: 'installed' });
  });

  test('it waits for the time that was chosen', async () => {
    const road = await onTheRoad(['gateway']);
    await offered(road);
    const from = Date.now() + 1500;
    road.vehicle.updates?.accept({ from, to: from + 60_000 });
    road.updates.releaseTo(road.vehicleId);
    const result = await resulted(road);
    expect(result).toMatchObject({ outcome: 'installed' });
    expect(result?.at).toBeGreaterThanOrEqual(from);
  });

  test('it gives up when the time that was chosen is over', async () => {
    const road = await onTheRoad(['gateway']);
    road.body.set({ parked: false });
    await offered(road);
    road.vehicle.updates?.accept({ from: 0, to: Date.now() + 500 });
    road.updates.releaseTo(road.vehicleId);
    expect(await resulted(road)).toMatchObject({ outcome: 'failed', error: 'precondition', safety: 'safe' });
    await until(() => road.updates.executions[0]?.status === 'FAILED', 'the end of the job');
  });

  test('14. An address that expired is asked for again', async () => {
    const road = await onTheRoad(['gateway']);
    road.updates.files.mishap = (request) => (request === 1 ? { status: 403 } : undefined);
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ outcome: 'installed' });
    const asked = road.updates.reports.flatMap((report) => (report.kind === 'ask' ? [report.purpose] : []));
    expect(asked).toEqual(['download', 'download', 'install']);
  });

  test('19. An emergency stop between download and install: nothing is written until the campaign goes on', async () => {
    const road = await onTheRoad(['gateway']);
    let refusals = 0;
    let meanwhile = '';
    road.updates.answer = ({ purpose }) => {
      if (purpose === 'download' || refusals === 2) return undefined;
      refusals += 1;
      void road.versions().then((versions) => {
        meanwhile += versions;
      });
      return { reason: 'stopped' };
    };
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ outcome: 'installed', attempt: 1 });
    expect(meanwhile).toBe('1.0.01.0.0');
  });

  test('19. A cloud outage without a second execution: what was installed meanwhile is not installed again when the cloud gave it up', async () => {
    const road = await onTheRoad(['gateway']);
    const { updates, cloud, vehicleId } = road;
    const writes: string[] = [];
    road.vehicle.updates?.onProgress(({ phase }) => {
      if (phase === 'installing' && writes.length === 0) {
        writes.push(phase);
        cloud.hub.shut();
      }
    });
    let ended = false;
    road.vehicle.updates?.onResult(() => {
      ended = true;
    });
    await accepted(road);
    await until(() => ended, 'the installation in the dark');
    expect([await road.versions(), updates.results()]).toEqual(['2.0.0', []]);
    const before = await road.ecu('gateway').inspect();
    // Meanwhile the cloud has heard nothing: it takes the attempt for lost, and releases another one.
    for (const execution of updates.executions) execution.status = 'TIMED_OUT';
    await road.vehicle.close();
    const next = road.life();
    cloud.hub.open();
    await next.connect();
    updates.offer(
      vehicleId,
      offerOf({ revision: 3, state: { status: 'accepted', from: 0, to: Date.now() + 3_600_000 } }),
    );
    updates.releaseTo(vehicleId);
    updates.answer = () => ({ reason: 'nothing-to-install', detail: 'It runs already.' });
    await until(
      () => updates.results().some(({ outcome }) => outcome === 'installed'),
      'the result of the first attempt',
    );
    await until(() => updates.executions.every(({ status }) => status !== 'QUEUED'), 'the end of the second');
    expect(updates.results()[0]).toMatchObject({ attempt: 1, outcome: 'installed', softwareVersion: '2.0.0' });
    expect(await road.ecu('gateway').inspect()).toEqual(before);
  });

  test('what hundreds of control units report is packed where no message takes it, and named where even that is too large', async () => {
    const road = await onTheRoad(['gateway']);
    const reported = { reports: Array.from({ length: 500 }, (_, unit) => ({ unit, key: 'k'.repeat(500) })) };
    road.updates.reported = reported;
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ outcome: 'installed' });
    const asks = road.updates.reports.filter(({ kind }) => kind === 'ask');
    for (const ask of asks) {
      expect(JSON.stringify(ask).length).toBeLessThan(128 * 1024);
      const { gzip } = z.object({ manifest: z.object({ gzip: z.string() }) }).parse(ask).manifest;
      expect(JSON.parse(gunzipSync(Buffer.from(gzip, 'base64')).toString())).toMatchObject({ signed: reported });
    }
    const other = await onTheRoad(['gateway']);
    other.updates.reported = { noise: randomBytes(200_000).toString('base64') };
    await accepted(other);
    expect(await resulted(other)).toMatchObject({
      error: 'incompatible',
      detail: expect.stringContaining('KB; a message'),
    });
  });

  test('what the Director refuses for good ends the attempt', async () => {
    const road = await onTheRoad(['gateway']);
    road.updates.answer = () => ({ reason: 'unknown-ecu', detail: 'It does not know the gateway.' });
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ error: 'incompatible', detail: 'It does not know the gateway.' });
  });

  test('a campaign that took the update back at the last moment is heard, and told nothing', async () => {
    const road = await onTheRoad(['gateway']);
    road.updates.answer = ({ purpose }) => {
      if (purpose === 'install') road.updates.withdraw(road.vehicleId);
      return undefined;
    };
    await accepted(road);
    await until(() => road.cloud.log.some((line) => line.includes('was taken back')), 'the end of the attempt');
    expect(await road.versions()).toBe('1.0.0');
    expect(road.updates.results()).toEqual([]);
  });

  test('10. An offer that the cloud takes back is on the screen no more, also of a vehicle that was away', async () => {
    const road = await onTheRoad(['gateway']);
    await offered(road);
    road.updates.offer(road.vehicleId, null);
    await until(() => road.vehicle.updates?.available === undefined, 'the empty screen');
    await offered(road, { revision: 5 });
    road.cloud.hub.shut();
    road.updates.offer(road.vehicleId, null);
    road.cloud.hub.open();
    await until(() => road.vehicle.updates?.available === undefined, 'the empty screen');
  });

  test('a Director that is busy is asked again when it says', async () => {
    const road = await onTheRoad(['gateway']);
    let asks = 0;
    road.updates.answer = () => {
      asks += 1;
      return asks === 1 ? { reason: 'busy', retryAt: Date.now() + 100 } : undefined;
    };
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ outcome: 'installed' });
  });

  test('a question whose answer went with the line is asked again as soon as there is another', async () => {
    const road = await onTheRoad(['gateway']);
    const { hub } = road.cloud;
    const { updateTopic } = vehicleTopics(road.vehicleId, ruleNames('test'));
    const asked = () => road.updates.reports.filter(({ kind }) => kind === 'ask');
    hub.fate = ({ topic }) => (topic === updateTopic ? 'drop' : 'deliver');
    await accepted(road);
    await until(() => asked().length > 0, 'the first question');
    hub.fate = () => 'deliver';
    const cutAt = performance.now();
    hub.cut(road.vehicleId);
    await until(() => asked().length > 1, 'the second');
    // Without a line that comes, it waits for twenty seconds.
    expect(performance.now() - cutAt).toBeLessThan(15_000);
    expect(await resulted(road)).toMatchObject({ outcome: 'installed' });
    const numbers = asked().map((ask) => ('requestId' in ask ? ask.requestId : ''));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('3. An attack is refused by its name, and the car keeps its old software', async () => {
    const road = await onTheRoad(['gateway']);
    road.updates.refusal = new RefusedUpdate('mix-and-match', 'the pieces do not belong together');
    await accepted(road);
    expect(await resulted(road)).toMatchObject({
      ...{ outcome: 'failed', error: 'verification', attack: 'mix-and-match', safety: 'safe' },
      detail: 'the pieces do not belong together',
    });
    expect(road.updates.files.asked).toEqual([]);
  });

  test('an image that is not the one that was signed is named too', async () => {
    const road = await onTheRoad(['gateway']);
    road.updates.files.files.set('gateway-2.0.0.bin', Buffer.alloc(40_000));
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ error: 'verification', attack: 'wrong-hash' });
  });
});

describe('after the install', () => {
  test('2. Boot loop: the car rolls back, marks that version bad, does not try it again; a later one it does', async () => {
    const road = await onTheRoad();
    road.ecu('airbag').misbehave({ on: 'boot', how: 'fail', version: '2.0.0' });
    await accepted(road);
    expect(await resulted(road)).toMatchObject({
      ...{ attempt: 1, outcome: 'failed', error: 'health', ecuId: 'airbag', safety: 'safe' },
    });
    expect(await road.versions()).toBe('1.0.0');
    road.ecu('airbag').misbehaviours.clear();
    road.updates.releaseTo(road.vehicleId);
    const second = await resulted(road, 2);
    expect(second).toMatchObject({ attempt: 2, outcome: 'failed', error: 'health' });
    expect(second).toMatchObject({ detail: expect.stringContaining('tried before') });
    expect(await road.versions()).toBe('1.0.0');
    road.updates.update = road.updates.release('3.0.0');
    road.updates.releaseTo(road.vehicleId);
    expect(await resulted(road, 3)).toMatchObject({ attempt: 3, outcome: 'installed', softwareVersion: '3.0.0' });
  });

  test('1. … it reports once: a result that was not acknowledged comes again as it was, also from the next life', async () => {
    const road = await onTheRoad(['gateway']);
    road.cloud.hub.fate = ({ payload }) => (payload.includes('"kind":"result"') ? 'cut-after' : 'deliver');
    await accepted(road);
    await until(() => road.updates.results().length > 1, 'a result again');
    await road.vehicle.close();
    road.cloud.hub.fate = () => 'deliver';
    await road.life().connect();
    await until(() => road.updates.executions[0]?.status === 'SUCCEEDED', 'the end of the job');
    const results = road.updates.results();
    expect(results.length).toBeGreaterThan(1);
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  test('5. a car that says "unsafe to drive" stays where it is until a repair has succeeded', async () => {
    const road = await onTheRoad();
    road
      .ecu('engine')
      .misbehave({ on: 'health', how: 'fail', version: '2.0.0' }, { on: 'switchTo', how: 'fail', version: '1.0.0' });
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ outcome: 'failed', error: 'unrecovered', safety: 'unsafe-to-drive' });
    expect([road.vehicle.updates?.isSafe, await road.body.isImmobilised()]).toEqual([false, true]);
    road.ecu('engine').misbehaviours.clear();
    road.updates.update = road.updates.release('3.0.0');
    road.updates.releaseTo(road.vehicleId);
    expect(await resulted(road, 2)).toMatchObject({ outcome: 'installed', safety: 'safe' });
    expect([road.vehicle.updates?.isSafe, await road.body.isImmobilised()]).toEqual([true, false]);
  });

  test('5. a workshop gives a vehicle free that was left unsafe: not before every unit is healthy, over a loss of power, and told once', async () => {
    const road = await onTheRoad(['gateway', 'engine']);
    const { updates, body } = road;
    road
      .ecu('engine')
      .misbehave({ on: 'health', how: 'fail', version: '2.0.0' }, { on: 'switchTo', how: 'fail', version: '1.0.0' });
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ error: 'unrecovered', safety: 'unsafe-to-drive' });
    await expect(road.vehicle.updates?.repaired()).rejects.toThrow(NotRepaired);
    expect([road.vehicle.updates?.isSafe, await body.isImmobilised()]).toEqual([false, true]);
    road.ecu('engine').misbehaviours.clear();
    // The power goes before the vehicle is mobile: what was judged to be whole is given free in its next life.
    const { mobilise } = body;
    body.mobilise = () => Promise.reject(new Error('no power'));
    await road.vehicle.updates?.repaired();
    expect(await body.isImmobilised()).toBe(true);
    await road.vehicle.close();
    body.mobilise = mobilise;
    const next = road.life();
    await next.connect();
    await vi.waitFor(async () => expect(await body.isImmobilised()).toBe(false));
    await next.updates?.repaired();
    await until(() => updates.reports.some(({ kind }) => kind === 'repaired'), 'the report');
    const told = updates.reports.filter(({ kind }) => kind === 'repaired');
    expect(new Set(told.map((report) => JSON.stringify(report))).size).toBe(1);
    expect(told[0]).toMatchObject({ campaignId, attempt: 1, ecus: [{ ecuId: 'gateway' }, { ecuId: 'engine' }] });
    expect(next.updates?.isSafe).toBe(true);
  });

  test('6. An ECU that was swapped for another kind: the car says which', async () => {
    const road = await onTheRoad();
    road.updates.update = {
      ...road.updates.update,
      images: road.updates.update.images.map((image) =>
        image.ecuId === 'engine' ? { ...image, hardwareId: 'engine-9' } : image,
      ),
    };
    await accepted(road);
    expect(await resulted(road)).toMatchObject({ error: 'incompatible', ecuId: 'engine', safety: 'safe' });
  });

  test('the vehicle says at each connection what its control units run, not what somebody wrote down', async () => {
    const road = await onTheRoad(['gateway']);
    await accepted(road);
    await resulted(road);
    await road.vehicle.close();
    const before = road.cloud.inventories.length;
    await road.life().connect();
    const said = await until(() => road.cloud.inventories[before], 'an inventory');
    expect(said).toMatchObject({ softwareVersion: '2.0.0', ecus: [{ ecuId: 'gateway', softwareVersion: '2.0.0' }] });
  });
});
