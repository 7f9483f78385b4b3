import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  DescribeCertificateCommand,
  IoTClient,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { GetThingShadowCommand, IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '#device-sdk/certification.ts';
import { thisHost } from '#device-sdk/host.ts';
import { deviceKeySha256 } from '#device-sdk/identity-memory.ts';
import { provision } from '#device-sdk/provisioning.ts';
import { ProvisioningCall } from '#device-sdk/provisioning-call.ts';
import { openStorage, type Storage } from '#device-sdk/storage.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { administrator, QueueReader, Records } from '../support/aws-clients.ts';
import { attempt, claimOf, overHttps, published } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const notAuthorized = 0x87;
const quotaExceeded = 0x97;
const arn = 'arn:aws:iot:eu-central-1:000000000000';

let home: JourneyCloud;
let records: Records;
let iot: IoTClient;
let shadows: IoTDataPlaneClient;
let quarantine: QueueReader;
/** Two vehicles on the road: one tries, the other must not notice. */
let own: Identity;
let other: Identity;
let serial = 100;

beforeAll(async () => {
  home = await openCloud();
  records = new Records(home.cloud, { withoutPresence: true });
  iot = new IoTClient(administrator(home.cloud.file));
  shadows = new IoTDataPlaneClient(administrator(home.cloud.file));
  quarantine = new QueueReader(home.cloud.file, 'fleetloom-dev-telemetry-quarantine');
  [own, other] = await Promise.all([onTheRoad(await expected()), onTheRoad(await expected())]);
}, startTimeout);

afterAll(async () => {
  for (const client of [records, iot, shadows, quarantine]) 'destroy' in client ? client.destroy() : client.close();
  await home.close();
});

interface Expected {
  readonly vin: string;
  readonly vehicleId: string;
}

/** A VIN that the registry expects. */
async function expected(more: object = {}): Promise<Expected> {
  const vin = `WVWZZZAUZLW000${serial++}`;
  const { status, body } = await home.journey.operator.post('/v1/vehicles', { ...golf, vin, ...more });
  expect(status).toBe(201);
  return { vin, vehicleId: String(at(body, 'vehicleId')) };
}

/** The memory of a control unit that was never switched on. */
function newUnit(): Storage {
  return openStorage(mkdtempSync(join(home.stateDirectory, 'unit-')));
}

function introduce(vin: string, storage: Storage): Promise<Identity> {
  const { mqtt } = home.cloud.file;
  const claim = claimOf(home.cloud.file);
  return provision({ vin, claim, transport: awsIot(mqtt), storage, host: thisHost, log: () => {} });
}

async function refused(vin: string, storage: Storage): Promise<void> {
  const before = await records.all();
  await expect(introduce(vin, storage)).rejects.toMatchObject({ name: 'ProvisioningRefused', code: 'AccessDenied' });
  expect(await records.all()).toEqual(before);
}

async function onTheRoad({ vin, vehicleId }: Expected, storage: Storage = newUnit()): Promise<Identity> {
  const identity = await introduce(vin, storage);
  const { client, connack } = await attempt(home.cloud.file, identity, vehicleId);
  expect(connack.reasonCode).toBe(0);
  await becomes(vehicleId, 'active');
  client.send({ cmd: 'disconnect', reasonCode: 0 });
  await client.closedByBroker();
  // Noted a moment later: whoever compares the records with what they were is not to see that.
  const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`);
  await eventually(`${vehicleId} gone`, ask, ({ body }) => at(body, 'connection', 'connected') === false);
  return identity;
}

function becomes(vehicleId: string, status: string) {
  const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`);
  return eventually(`${vehicleId} ${status}`, ask, ({ body }) => at(body, 'status') === status);
}

function certificateStatus(certificateId: string) {
  return iot
    .send(new DescribeCertificateCommand({ certificateId }))
    .then(({ certificateDescription }) => certificateDescription?.status);
}

async function isShutOut(identity: Identity): Promise<void> {
  const { connack, client } = await attempt(home.cloud.file, identity, identity.vehicleId);
  expect(connack.reasonCode).toBe(notAuthorized);
  await client.closedByBroker();
  const path = `/things/${identity.vehicleId}/shadow`;
  expect((await overHttps(home.cloud.file, identity, { method: 'GET', path })).status).toBe(403);
}

describe('a claim', () => {
  test.each(['veh-aaaaaaaaaaaaaaaaaaaa', 'operator', 'Claim-1', 'claim', ''])(
    'does not connect as "%s"',
    async (clientId) => {
      const { connack, client } = await attempt(home.cloud.file, claimOf(home.cloud.file), clientId);
      expect(connack.reasonCode).toBe(notAuthorized);
      await client.closedByBroker();
    },
  );

  test('does not connect as a vehicle that is on the road', async () => {
    const { connack } = await attempt(home.cloud.file, claimOf(home.cloud.file), other.vehicleId);
    expect(connack.reasonCode).toBe(notAuthorized);
  });

  test('asks for a certificate and a registration, and for nothing else', async () => {
    const { client, connack } = await attempt(home.cloud.file, claimOf(home.cloud.file), 'claim-curious');
    expect(connack.reasonCode).toBe(0);
    const topics = [
      '$aws/certificates/create/json',
      '$aws/provisioning-templates/another/provision/json',
      other.topics.telemetryTopic,
      other.topics.commandTopic,
      `${other.topics.shadowTopicPrefix}/get`,
      '$aws/things/claim-curious/shadow/update',
    ];
    for (const topic of topics) expect(await published(client, topic), topic).toBe(notAuthorized);
    for (const filter of ['#', '$aws/certificates/#', 'vehicles/+/commands', `${other.topics.shadowTopicPrefix}/#`]) {
      expect(await client.subscribe(filter), filter).toEqual([notAuthorized]);
    }
  });

  test('cannot use the ownership token of another connection, nor one a second time', async () => {
    const { vin, vehicleId } = await expected();
    const { mqtt, claim } = home.cloud.file;
    const provisionTopic = `$aws/provisioning-templates/${claim.templateName}/provision/json`;
    const call = async (clientId: string) => {
      const options = { clientId, answerTimeout: 5_000, host: thisHost };
      const opened = new ProvisioningCall(awsIot(mqtt), claimOf(home.cloud.file), options);
      await opened.opened();
      return opened;
    };
    const [victim, thief] = await Promise.all([call('claim-victim'), call('claim-thief')]);
    const { certificateRequest, newDeviceKey } = await import('#device-sdk/certificate-request.ts');
    const request = { certificateSigningRequest: certificateRequest(newDeviceKey()) };
    const certificateOwnershipToken = await victim.questions.ask(
      '$aws/certificates/create-from-csr/json',
      request,
      (answer) => String(at(answer, 'certificateOwnershipToken')),
    );
    const registration = { certificateOwnershipToken, parameters: { Vin: vin } };
    const invalid = { code: 'InvalidCertificateOwnershipToken' };
    await expect(thief.questions.ask(provisionTopic, registration, (answer) => answer)).rejects.toMatchObject(invalid);
    await becomes(vehicleId, 'expected');
    await victim.questions.ask(provisionTopic, registration, (answer) => answer);
    await expect(victim.questions.ask(provisionTopic, registration, (answer) => answer)).rejects.toMatchObject(invalid);
    await Promise.all([victim.close(), thief.close()]);
  });
});

describe('a VIN', () => {
  test.each(['WVWZZZAUZLW099999', 'WVWZZZAUZLWOI0001', '', 'vin#WVWZZZAUZLW000100', 'x'.repeat(5_000)])(
    'that nobody expects is not admitted: %s',
    (vin) => refused(vin, newUnit()),
  );

  test('that is not admitted leaves a certificate that opens nothing', async () => {
    const unit = newUnit();
    await refused('WVWZZZAUZLW099999', unit);
    const { mqtt } = home.cloud.file;
    const options = { clientId: 'claim-pending', answerTimeout: 5_000, host: thisHost };
    const call = new ProvisioningCall(awsIot(mqtt), claimOf(home.cloud.file), options);
    await call.opened();
    const { certificateRequest, newDeviceKey } = await import('#device-sdk/certificate-request.ts');
    const privateKeyPem = newDeviceKey();
    const request = { certificateSigningRequest: certificateRequest(privateKeyPem) };
    const issued = await call.questions.ask('$aws/certificates/create-from-csr/json', request, (answer) => answer);
    await call.close();
    expect(await certificateStatus(String(at(issued, 'certificateId')))).toBe('PENDING_ACTIVATION');
    await isShutOut({ ...other, certificatePem: String(at(issued, 'certificatePem')), privateKeyPem });
  });

  test('that a vehicle on the road has is not admitted again, not even for its own key', async () => {
    const car = await expected();
    const unit = newUnit();
    const identity = await onTheRoad(car, unit);
    await refused(car.vin, newUnit());
    unit.write('identity', { step: 'keyed', privateKeyPem: identity.privateKeyPem });
    await refused(car.vin, unit);
    expect(await certificateStatus(identity.certificateId)).toBe('ACTIVE');
    const { connack } = await attempt(home.cloud.file, identity, car.vehicleId);
    expect(connack.reasonCode).toBe(0);
  });

  test.each(['suspend', 'retire'])('is not admitted after %s', async (verb) => {
    const car = await expected();
    await onTheRoad(car);
    expect((await home.journey.operator.post(`/v1/vehicles/${car.vehicleId}/${verb}`, undefined)).status).toBe(200);
    // What follows of it is written down a moment later.
    const ended = (key: string) => key.includes(`vehicle#${car.vehicleId} `) && /-(deactivated|revoked)$/.test(key);
    await eventually(
      `${verb} of the certificate`,
      async () => Object.keys(await records.all()),
      (keys) => keys.some(ended),
    );
    await refused(car.vin, newUnit());
  });
});

describe('a reservation', () => {
  /** As if it had been made ten minutes earlier. */
  async function lapse(vehicleId: string): Promise<void> {
    const client = new DynamoDBClient(administrator(home.cloud.file));
    const [table = ''] = Object.keys(await records.all())
      .filter((key) => key.includes(`veh#${vehicleId} registry`))
      .map((key) => key.split(' ')[0] ?? '');
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: `veh#${vehicleId}` }, sk: { S: 'registry' } },
        UpdateExpression: 'SET lifeCycle.reservedUntil = lifeCycle.reservedUntil - :time',
        ExpressionAttributeValues: { ':time': { N: String(10 * 60_000) } },
      }),
    );
    client.destroy();
  }

  test('holds against another key until its ten minutes are over; then the former certificate is revoked', async () => {
    const { vin, vehicleId } = await expected();
    const first = await introduce(vin, newUnit());
    const second = newUnit();
    await refused(vin, second);
    await lapse(vehicleId);
    const taker = await introduce(vin, second);
    expect(taker.vehicleId).toBe(vehicleId);
    const revoked = (status: unknown) => status === 'REVOKED';
    await eventually('the former certificate revoked', () => certificateStatus(first.certificateId), revoked);
    await isShutOut(first);
    const { connack } = await attempt(home.cloud.file, taker, vehicleId);
    expect(connack.reasonCode).toBe(0);
    await becomes(vehicleId, 'active');
  });

  test('is retaken at once by the key that made it, whose lost certificate is revoked', async () => {
    const { vin, vehicleId } = await expected();
    const unit = newUnit();
    const lost = await introduce(vin, unit);
    unit.write('identity', { step: 'keyed', privateKeyPem: lost.privateKeyPem });
    const found = await introduce(vin, unit);
    expect(found.vehicleId).toBe(vehicleId);
    expect(found.certificateId).not.toBe(lost.certificateId);
    const revoked = (status: unknown) => status === 'REVOKED';
    await eventually('the lost certificate revoked', () => certificateStatus(lost.certificateId), revoked);
    await isShutOut(lost);
    const { connack } = await attempt(home.cloud.file, found, vehicleId);
    expect(connack.reasonCode).toBe(0);
    await becomes(vehicleId, 'active');
  });

  test('with a pinned key is for that key alone', async () => {
    const unit = newUnit();
    const { vin } = await expected({ deviceKeySha256: deviceKeySha256(unit) });
    await refused(vin, newUnit());
    expect((await introduce(vin, unit)).certificateId).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** One that is attached as provisioning would, and that the registry knows nothing of. */
async function aForeignCertificate(thingName: string) {
  const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const { certificateArn = '', certificateId = '', certificatePem = '', keyPair } = made;
  await iot.send(new AttachPolicyCommand({ policyName: 'fleetloom-dev-vehicle-messages', target: certificateArn }));
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal: certificateArn }));
  return { certificateId, certificatePem, privateKeyPem: keyPair?.PrivateKey ?? '' };
}

describe('a certificate', () => {
  test('that another authority signed does not get through TLS', async () => {
    const forger = await openAuthority(mkdtempSync(join(home.stateDirectory, 'forger-')));
    const forged = await forger.createKeysAndCertificate();
    await expect(attempt(home.cloud.file, forged, own.vehicleId)).rejects.toThrow();
    await expect(overHttps(home.cloud.file, forged, { method: 'GET', path: '/things/x/shadow' })).rejects.toThrow();
  });

  test('that is missing does not get through TLS', async () => {
    await expect(attempt(home.cloud.file, undefined, own.vehicleId)).rejects.toThrow();
    await expect(overHttps(home.cloud.file, undefined, { method: 'GET', path: '/things/x/shadow' })).rejects.toThrow();
  });

  test('that our authority signed and nobody registered opens nothing', async () => {
    const unknown = await home.cloud.iot.authority.createKeysAndCertificate();
    await isShutOut({ ...own, ...unknown });
  });

  test('that is revoked ends the connection it has, and opens no other', async () => {
    const car = await expected();
    const identity = await onTheRoad(car);
    const { client } = await attempt(home.cloud.file, identity, car.vehicleId);
    await home.journey.operator.post(`/v1/vehicles/${car.vehicleId}/retire`, undefined);
    await client.closedByBroker();
    await eventually(
      'it revoked',
      () => certificateStatus(identity.certificateId),
      (status) => status === 'REVOKED',
    );
    await isShutOut(identity);
  });

  test.each([
    ['suspend', 'INACTIVE'],
    ['retire', 'REVOKED'],
  ])('that the registry does not know is cut off when it connects after %s', async (verb, status) => {
    const car = await expected();
    const own = await onTheRoad(car);
    await home.journey.operator.post(`/v1/vehicles/${car.vehicleId}/${verb}`, undefined);
    const shut = () => certificateStatus(own.certificateId);
    await eventually('its own certificate shut', shut, (now) => now === status);
    const foreign = await aForeignCertificate(car.vehicleId);
    const { client, connack } = await attempt(home.cloud.file, { ...own, ...foreign }, car.vehicleId);
    expect(connack.reasonCode).toBe(0);
    await client.closedByBroker();
    const revoked = () => certificateStatus(foreign.certificateId);
    await eventually('the foreign certificate revoked', revoked, (now) => now === 'REVOKED');
  });

  test('of a suspended vehicle that somebody activates rests again with its first connection', async () => {
    const car = await expected();
    const identity = await onTheRoad(car);
    await home.journey.operator.post(`/v1/vehicles/${car.vehicleId}/suspend`, undefined);
    const inactive = () =>
      eventually(
        'it inactive',
        () => certificateStatus(identity.certificateId),
        (status) => status === 'INACTIVE',
      );
    await inactive();
    await iot.send(new UpdateCertificateCommand({ certificateId: identity.certificateId, newStatus: 'ACTIVE' }));
    const { client, connack } = await attempt(home.cloud.file, identity, car.vehicleId);
    expect(connack.reasonCode).toBe(0);
    await client.closedByBroker();
    await inactive();
  });

  test('of one vehicle does not connect as another', async () => {
    const { connack } = await attempt(home.cloud.file, own, other.vehicleId);
    expect(connack.reasonCode).toBe(notAuthorized);
  });
});

const verbs = ['get', 'update', 'delete'] as const;
const shadowNames = [undefined, 'climate', 'any:name_$-1'];
const document = (colour: string) => JSON.stringify({ state: { reported: { colour } } });

function shadowOf(vehicleId: string, name: string | undefined): Promise<unknown> {
  const wanted = new GetThingShadowCommand({ thingName: vehicleId, ...(name !== undefined && { shadowName: name }) });
  return shadows.send(wanted).then(
    ({ payload = new Uint8Array() }) => at(JSON.parse(Buffer.from(payload).toString()), 'state'),
    (error: unknown) => (error instanceof Error ? error.name : error),
  );
}

describe('of another vehicle', () => {
  test('nothing is published in the name', async () => {
    const before = await records.all();
    const { client } = await attempt(home.cloud.file, own, own.vehicleId);
    const { telemetryTopic, inventoryTopic, commandReplyTopic, commandTopic, shadowTopicPrefix } = other.topics;
    const answers = [`${shadowTopicPrefix}/get/accepted`, `${shadowTopicPrefix}/name/climate/update/delta`];
    const unusual = [
      own.topics.commandTopic,
      `${own.topics.shadowTopicPrefix}/update/accepted`,
      `vehicles/${own.vehicleId}/telemetry`,
      telemetryTopic.replace(/^\$aws\/rules\/[^/]+\//, ''),
      `$aws/rules/another_rule/vehicles/${own.vehicleId}/telemetry`,
      `$aws/events/presence/connected/${other.vehicleId}`,
      `$aws/things/${other.vehicleId}/jobs/get`,
      `$aws/things/${other.vehicleId}/jobs/some-job/update`,
      `$aws/things/${own.vehicleId}/jobs/notify`,
      `$aws/things/${own.vehicleId}/jobs/some-job/update/accepted`,
      other.topics.updateReportTopic ?? '',
      own.topics.updateTopic ?? '',
      'anything/else',
    ];
    for (const topic of [telemetryTopic, inventoryTopic, commandReplyTopic, commandTopic, ...answers, ...unusual]) {
      expect(await published(client, topic), topic).toBe(notAuthorized);
    }
    await client.settled();
    expect(await records.all()).toEqual(before);
  });

  test('no shadow is got, changed or deleted over MQTT', async () => {
    const owner = await attempt(home.cloud.file, other, other.vehicleId);
    const thief = await attempt(home.cloud.file, own, own.vehicleId);
    for (const name of shadowNames) {
      const prefix = `${other.topics.shadowTopicPrefix}${name === undefined ? '' : `/name/${name}`}`;
      expect(await published(owner.client, `${prefix}/update`, document('blue'))).toBe(0);
      for (const verb of verbs) {
        expect(await published(thief.client, `${prefix}/${verb}`, document('red')), prefix).toBe(notAuthorized);
      }
      expect(await shadowOf(other.vehicleId, name)).toEqual({ reported: { colour: 'blue' } });
    }
  });

  test('no shadow is got, changed or deleted over HTTPS, and nothing published', async () => {
    const before = await shadowOf(other.vehicleId, 'climate');
    const calls = ['GET', 'POST', 'DELETE'].flatMap((method) =>
      ['', '?name=climate', '?name=other'].map((query) => ({
        method,
        path: `/things/${other.vehicleId}/shadow${query}`,
      })),
    );
    const topics = Object.values(other.topics).map((topic) => ({
      method: 'POST',
      path: `/topics/${encodeURIComponent(topic)}?qos=1`,
    }));
    const lists = [
      { method: 'GET', path: `/api/things/shadow/ListNamedShadowsForThing/${other.vehicleId}` },
      { method: 'GET', path: '/retainedMessage' },
      { method: 'DELETE', path: `/connections/${other.vehicleId}` },
    ];
    for (const call of [...calls, ...topics, ...lists]) {
      const body = call.method === 'POST' ? document('red') : '';
      const { status } = await overHttps(home.cloud.file, own, { ...call, body });
      expect(status, `${call.method} ${call.path}`).toBe(403);
    }
    expect(await shadowOf(other.vehicleId, 'climate')).toEqual(before);
  });

  test('nothing is subscribed to', async () => {
    const { client } = await attempt(home.cloud.file, own, own.vehicleId);
    const filters = [
      other.topics.commandTopic,
      `$share/thieves/${other.topics.commandTopic}`,
      'vehicles/+/commands',
      'vehicles/#',
      '#',
      '+/+/+',
      `${other.topics.shadowTopicPrefix}/#`,
      `${other.topics.shadowTopicPrefix}/name/climate/get/accepted`,
      '$aws/things/+/shadow/#',
      '$aws/things/#',
      '$aws/events/#',
      // Of certificates it may hear what itself asked; the factory's template is not for vehicles.
      '$aws/provisioning-templates/fleetloom-dev-vehicles/provision/json/accepted',
    ];
    for (const filter of filters) expect(await client.subscribe(filter), filter).toEqual([notAuthorized]);
  });

  test('nothing is received, even where somebody allowed too many subscriptions', async () => {
    const car = await expected();
    const listener = await onTheRoad(car);
    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iot:Subscribe', Resource: '*' }],
    });
    await iot.send(new CreatePolicyCommand({ policyName: 'too-wide', policyDocument }));
    const target = `${arn}:cert/${listener.certificateId}`;
    await iot.send(new AttachPolicyCommand({ policyName: 'too-wide', target }));
    const { client } = await attempt(home.cloud.file, listener, car.vehicleId);
    for (const filter of [other.topics.commandTopic, `${other.topics.shadowTopicPrefix}/#`, 'vehicles/#']) {
      expect(await client.subscribe(filter), filter).toEqual([1]);
    }
    const owner = await attempt(home.cloud.file, other, other.vehicleId);
    expect(await owner.client.subscribe(other.topics.commandTopic)).toEqual([1]);
    await becomesConnected(other.vehicleId);
    const order = await home.journey.operator.post(`/v1/vehicles/${other.vehicleId}/commands`, { name: 'doors.lock' });
    expect(order.status).toBe(202);
    await published(owner.client, `${other.topics.shadowTopicPrefix}/update`, document('green'));
    await owner.client.next('publish');
    expect(await client.payloads()).toEqual([]);
  });
});

function becomesConnected(vehicleId: string) {
  const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`);
  return eventually(`${vehicleId} connected`, ask, ({ body }) => at(body, 'connection', 'connected') === true);
}

describe('its own shadows', () => {
  test.each(shadowNames)('are its own, under any name: %s', async (name) => {
    const { client } = await attempt(home.cloud.file, own, own.vehicleId);
    const prefix = `${own.topics.shadowTopicPrefix}${name === undefined ? '' : `/name/${name}`}`;
    expect(await client.subscribe(`${own.topics.shadowTopicPrefix}/#`)).toEqual([1]);
    for (const verb of ['update', 'get', 'delete']) {
      expect(await published(client, `${prefix}/${verb}`, verb === 'update' ? document('white') : ''), verb).toBe(0);
      const accepted = await eventually(
        `${verb}/accepted`,
        () =>
          client.received.find((packet) => packet.cmd === 'publish' && packet.topic === `${prefix}/${verb}/accepted`),
        (packet) => packet !== undefined,
      );
      expect(accepted).toBeDefined();
    }
    expect(await shadowOf(own.vehicleId, name)).toBe('ResourceNotFoundException');
  });

  test('refuse what is no document, and keep what they had', async () => {
    const { client } = await attempt(home.cloud.file, own, own.vehicleId);
    const prefix = `${own.topics.shadowTopicPrefix}/name/strict`;
    await client.subscribe(`${prefix}/update/rejected`);
    await published(client, `${prefix}/update`, document('white'));
    const bad = [Buffer.of(0xff, 0xfe), '{', '[]', '{"state":1}', document('x'.repeat(9_000))];
    for (const payload of bad) {
      expect(await published(client, `${prefix}/update`, payload)).toBe(0);
      const { payload: rejected } = await client.next('publish');
      expect(at(JSON.parse(rejected.toString()), 'code')).toBeGreaterThanOrEqual(400);
    }
    expect(await shadowOf(own.vehicleId, 'strict')).toEqual({ reported: { colour: 'white' } });
  });
});

describe('a payload', () => {
  const speed = 'Vehicle.Speed';

  /** What stands in quarantine about this vehicle, once `count` entries are there. */
  function quarantined(vehicleId: string, count: number) {
    const mine = async () => (await quarantine.all()).filter((entry) => at(entry, 'vehicleId') === vehicleId);
    return eventually(`${count} entries in quarantine`, mine, (entries) => entries.length >= count);
  }

  async function lastSpeed(vehicleId: string): Promise<unknown> {
    const { body } = await home.journey.operator.get(`/v1/vehicles/${vehicleId}/telemetry`);
    return at(body, 'signals', speed, 'value');
  }

  const batch = (sequence: number, start: number, readings: readonly unknown[]) =>
    JSON.stringify({ sequence, start, signals: { [speed]: readings } });

  test('beyond 128 KB is not taken, and the connection goes on', async () => {
    const { client } = await attempt(home.cloud.file, own, own.vehicleId);
    expect(await published(client, own.topics.telemetryTopic, Buffer.alloc(128 * 1024 + 1, 0x20))).toBe(quotaExceeded);
    expect(await published(client, own.topics.telemetryTopic, batch(1, Date.now(), [[0, 1]]))).toBe(0);
    client.publish(own.topics.telemetryTopic, Buffer.alloc(150_000), 1);
    expect((await client.next('disconnect')).reasonCode).toBe(quotaExceeded);
  });

  test('that is broken goes to quarantine with its reason and its bytes, and the rest is kept', async () => {
    const car = await expected();
    const identity = await onTheRoad(car);
    const { client } = await attempt(home.cloud.file, identity, car.vehicleId);
    const { telemetryTopic, inventoryTopic, commandReplyTopic } = identity.topics;
    const now = Date.now();
    const nonUtf8 = Buffer.from([0x7b, 0xc3, 0x28, 0x7d]);
    const sent: readonly (readonly [topic: string, payload: Buffer | string, reason: string])[] = [
      [telemetryTopic, nonUtf8, 'not UTF-8'],
      [telemetryTopic, '{"sequence":', 'not JSON'],
      [telemetryTopic, Buffer.alloc(100 * 1024, 0x20), 'larger than 65536 bytes'],
      [telemetryTopic, batch(1, 0, [[0, 10]]), 'start is before the time that history is kept for'],
      [telemetryTopic, batch(2, Date.UTC(2070, 0, 1), [[0, 20]]), 'start is in the future'],
      [telemetryTopic, '{"sequence":3,"start":1,"signals":{},"vin":"x"}', 'the member vin is not known'],
      [inventoryTopic, nonUtf8, 'inventory not JSON in UTF-8'],
      [commandReplyTopic, '{}', 'reply not as agreed'],
      [
        commandReplyTopic,
        JSON.stringify({ commandId: 'cmd-000000000aaaaaaaaaaaaaaaaaaaa', status: 'succeeded', completedAt: now }),
        'reply to a command that was never given',
      ],
    ];
    for (const [topic, payload] of sent) expect(await published(client, topic, payload)).toBe(0);
    await published(client, telemetryTopic, batch(4, now, [[0, 47]]));
    const entries = await quarantined(car.vehicleId, sent.length);
    expect(entries).toHaveLength(sent.length);
    for (const [, payload, reason] of sent) {
      const entry = entries.find((one) => String(at(one, 'reason')).startsWith(reason));
      expect(at(entry, 'payloadBase64'), reason).toBe(Buffer.from(payload).toString('base64'));
    }
    await eventually(
      'the good message',
      () => lastSpeed(car.vehicleId),
      (value) => value === 47,
    );
  });

  test('with some readings of 2070 loses those alone', async () => {
    const car = await expected();
    const identity = await onTheRoad(car);
    const { client } = await attempt(home.cloud.file, identity, car.vehicleId);
    const ahead = 50 * 60_000;
    const signals = {
      [speed]: [
        [0, 30],
        [ahead, 99],
        [1, 1_000_000],
        [2, 'fast'],
        [3, 33],
      ],
      'Vehicle.Flux': [[0, 1]],
      'Vehicle.VehicleIdentification.VIN': [[0, car.vin]],
    };
    await published(
      client,
      identity.topics.telemetryTopic,
      JSON.stringify({ sequence: 1, start: Date.now(), signals }),
    );
    const [entry] = await quarantined(car.vehicleId, 1);
    expect(JSON.stringify(entry)).not.toContain(car.vin);
    expect(at(entry, 'readings')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: speed, reason: 'in the future', count: 1, examples: [[ahead, 99]] }),
        expect.objectContaining({ path: speed, examples: [[2, 'fast']] }),
        expect.objectContaining({ path: 'Vehicle.Flux', reason: 'is no signal of VSS 6' }),
      ]),
    );
    await eventually(
      'the good readings',
      () => lastSpeed(car.vehicleId),
      (value) => value === 33,
    );
  });
});
