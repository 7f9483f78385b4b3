import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newP256Key, p256Signer } from '#device-sdk/sharing/p256.ts';
import { Phone } from '#device-sdk/sharing/phone.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import { base64url, base64urlBytes } from '#shared/kernel/base64url.ts';
import { signStatement } from '#shared/sharing/keys/key-statement.ts';
import { mintToken } from '#shared/sharing/keys/key-token.ts';
import { p256KeyOf } from '#shared/sharing/keys/p256-key.ts';
import { sharingReportSchema } from '#shared/sharing/reports/sharing-report.ts';
import {
  endTripCommand,
  type KeyStatement,
  type SharingAnswer,
  type SharingReport,
  sharingTwin,
} from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { noticeOf, secondHub } from '../moving/second-hub.ts';
import { TestCloud, temporaryDirectory, until } from '../test-cloud.ts';
import { ObservedBody } from './observed-body.ts';

const rules = ruleNames('test');
const issuer = p256Signer(newP256Key().privateKeyPem);
const reports: SharingReport[] = [];
const body = new ObservedBody();
const elsewhere = secondHub();
let cloud: TestCloud;
let vehicle: Vehicle;
let vehicleId = '';

beforeAll(async () => {
  cloud = await TestCloud.open();
  cloud.hub.serve(vehicleTopics('+', rules).sharingReportTopic, (_, payload) => {
    const report = sharingReportSchema.parse(JSON.parse(payload));
    reports.push(report);
    if (report.kind !== 'ask-zones') return;
    const zones = { systemId: 'we-share-berlin', version: 3, zones: [], globalRules: [] };
    const answer: SharingAnswer = { kind: 'zones', requestId: report.requestId, zones };
    cloud.hub.publish(vehicleTopics(vehicleId, rules).sharingTopic, JSON.stringify(answer));
  });
  vehicle = Vehicle.open({
    ...{ directory: temporaryDirectory(), vin: 'WVWZZZE1ZMP000001', transport: cloud.hub, claim: cloud.claim },
    ...{ sharing: { body }, elsewhere: [elsewhere], log: (line) => cloud.log.push(line) },
  });
  vehicleId = (await vehicle.provision()).vehicleId;
  await vehicle.connect();
});
afterAll(() => vehicle.close());

async function say(changes: Partial<KeyStatement>): Promise<void> {
  const statement: KeyStatement = {
    ...{ vehicleId, version: 1, minimumFence: 1, revoked: [], issuedAt: Date.now() },
    ...{ systemId: 'we-share-berlin', vehicleTypeId: 'e-golf', minimumCharge: 15, zonesVersion: 3 },
    ...changes,
  };
  const desired = {
    issuer: { kid: issuer.kid, spki: base64url(issuer.spki) },
    statement: base64url(await signStatement(statement, issuer)),
  };
  cloud.desire(vehicleId, sharingTwin, desired);
}

async function keyed(fence: number): Promise<Phone> {
  const phone = new Phone();
  const phoneKey = p256KeyOf(base64urlBytes(phone.publicKey) ?? new Uint8Array());
  if (phoneKey === undefined) throw new Error('a phone without a key');
  const now = Date.now();
  const token = await mintToken(
    {
      ...{ tokenId: '00112233445566ff', vehicleId, reservationId: `rsv-${fence}`, fence },
      ...{ notBefore: now - 60_000, issuedAt: now, expiresAt: now + 900_000, actions: ['start', 'pause', 'end'] },
      phoneKey,
    },
    issuer,
  );
  phone.keep(base64url(token));
  return phone;
}

async function ask(phone: Phone, action: 'start' | 'end'): Promise<unknown> {
  const { sharing } = vehicle;
  return sharing?.present(await phone.answer(action, sharing.challenge()));
}

function kinds(): string[] {
  return reports.map(({ kind }) => kind);
}

describe('a vehicle with sharing', () => {
  test('says nothing of it before it is in service, then its key, whom it admits, and which zones it lacks', async () => {
    expect(reports).toEqual([]);
    expect(await ask(await keyed(1), 'start')).toMatchObject({ reason: 'not-in-service' });
    await say({});
    await until(() => reports.some((report) => report.kind === 'admits' && report.zonesVersion === 3));
    expect(kinds().slice(0, 3)).toEqual(['log-key', 'admits', 'ask-zones']);
    await until(() => kinds().includes('status'));
  });

  test('tells its log when its line is there again, once', async () => {
    const phone = await keyed(1);
    cloud.hub.shut();
    expect(await ask(phone, 'start')).toMatchObject({ kind: 'done' });
    expect(await ask(phone, 'end')).toMatchObject({ kind: 'done' });
    expect(kinds()).not.toContain('log');
    cloud.hub.open();
    await until(() => kinds().includes('log'));
    const log = reports.flatMap((report) => (report.kind === 'log' ? report.events : []));
    expect(log).toHaveLength(2);
  });

  test('ends a trip by its operator’s command, and takes a statement that came while it was away', async () => {
    await ask(await keyed(2), 'start');
    const [commandId, name] = ['end-1', endTripCommand];
    cloud.command(vehicleId, { commandId, name, parameters: { reservationId: 'rsv-2' } });
    await until(() => cloud.replies.some((reply) => reply.commandId === commandId && reply.status === 'succeeded'));
    expect(vehicle.sharing?.trip).toBeUndefined();
    cloud.hub.shut();
    await say({ version: 2, minimumFence: 7 });
    cloud.hub.open();
    await until(() => reports.some((report) => report.kind === 'admits' && report.minimumFence === 7));
    expect(await ask(await keyed(6), 'start')).toMatchObject({ reason: 'fence-too-low' });
  });

  test('is sent to another cloud in a trip, and goes when the trip is over', async () => {
    const trips: unknown[] = [];
    elsewhere.admits = () => {
      trips.push(vehicle.sharing?.trip);
      return trips.length > 0;
    };
    await ask(await keyed(8), 'start');
    cloud.desire(vehicleId, 'home', noticeOf(vehicleId));
    for (const id of ['c1', 'c2', 'c3', 'c4', 'c5']) {
      cloud.command(vehicleId, { commandId: id, name: 'nothing' });
      await until(() => cloud.replies.some(({ commandId }) => commandId === id), 'what came after the notice');
    }
    expect(vehicle.sharing?.trip).toMatchObject({ fence: 8 });
    expect(await ask(await keyed(8), 'end')).toMatchObject({ kind: 'done' });
    await until(() => vehicle.home?.epoch === 1 && trips.length > 0, 'its departure');
    expect(trips).toEqual([undefined]);
  });

  test('that is closed finishes what a phone has begun, and begins nothing more', async () => {
    const phone = await keyed(9);
    const { sharing } = vehicle;
    const presentation = await phone.answer('start', sharing?.challenge() ?? new Uint8Array());
    const late = await phone.answer('end', sharing?.challenge() ?? new Uint8Array());
    const begun = sharing?.present(presentation);
    await vehicle.close();
    expect(await begun).toMatchObject({ kind: 'done' });
    await expect(sharing?.present(late)).rejects.toThrow('closed');
  });
});
