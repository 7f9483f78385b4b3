import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { certificateRequest, newDeviceKey } from '#device-sdk/certificate-request.ts';
import { certified, type Identity, registered } from '#device-sdk/certification.ts';
import { thisHost } from '#device-sdk/host.ts';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { ProvisioningCall } from '#device-sdk/provisioning-call.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { provisionTopic } from '#shared/vehicle-cloud/topics.ts';
import { attempt } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const rotationTopic = provisionTopic('fleetloom-dev-rotation');
let scene: JourneyCloud;
let serial = 500;

beforeAll(async () => {
  scene = await openCloud();
}, startTimeout);
afterEach(() => scene.cloud.faults.endAll());
afterAll(() => scene.close());

interface Member {
  readonly vin: string;
  readonly vehicleId: string;
  readonly vehicle: Vehicle;
  readonly first: string;
}

async function onTheRoad(): Promise<Member> {
  const vin = `WVWZZZAUZLW000${serial++}`;
  const vehicleId = await scene.journey.registered({ ...golf, vin });
  const vehicle = scene.journey.vehicle(vin);
  await vehicle.connect();
  await becomes(vehicleId, 'active');
  return { vin, vehicleId, vehicle, first: vehicle.certificate?.certificateId ?? 'none' };
}

async function becomes(vehicleId: string, status: string): Promise<void> {
  await eventually(
    `${vehicleId} ${status}`,
    async () => at((await scene.journey.operator.get(`/v1/vehicles/${vehicleId}`)).body, 'status'),
    (found) => found === status,
  );
}

function statusOf(certificateId: string): string | undefined {
  return scene.cloud.iot.registry.certificates.find(certificateId)?.status;
}

async function hasStatus(certificateId: string, status: string): Promise<void> {
  await eventually(
    `a certificate ${status}`,
    () => statusOf(certificateId),
    (found) => found === status,
  );
}

function identityOf({ vin }: Member): Identity {
  const identity = storedIdentity(openStorage(join(scene.stateDirectory, 'vehicles', vin)));
  if (identity === undefined) throw new Error(`${vin} has no identity`);
  return identity;
}

/** Online with another certificate, which reports; the former one is revoked and let in nowhere. */
async function changed(member: Member, former: Identity): Promise<void> {
  const { vehicle, vehicleId } = member;
  await eventually(
    'online with another certificate',
    () => vehicle.presence.status === 'online' && vehicle.certificate?.certificateId,
    (found) => typeof found === 'string' && found !== former.certificateId,
  );
  await hasStatus(former.certificateId, 'REVOKED');
  expect(statusOf(vehicle.certificate?.certificateId ?? '')).toBe('ACTIVE');
  vehicle.telemetry.record('Vehicle.Speed', 42);
  await eventually(
    'a reading',
    async () => (await scene.journey.operator.get(`/v1/vehicles/${vehicleId}/telemetry`)).body,
    (body) => JSON.stringify(body).includes('42'),
  );
  expect(await letIn(former, vehicleId)).toBe(false);
}

async function letIn(identity: Identity, vehicleId: string): Promise<boolean> {
  const answered = await attempt(scene.cloud.file, identity, vehicleId).catch(() => undefined);
  return answered?.connack.reasonCode === 0;
}

/** A connection that says exactly what a test wants, under any certificate and name. */
async function call(identity: Identity, clientId: string): Promise<ProvisioningCall> {
  const options = { clientId, answerTimeout: 5_000, host: thisHost };
  const opened = new ProvisioningCall(awsIot(scene.cloud.file.mqtt), identity, options);
  await opened.opened();
  return opened;
}

test('a vehicle changes its certificate by itself and reports before and after; the former one opens nothing', async () => {
  const member = await onTheRoad();
  const former = identityOf(member);
  await member.vehicle.rotateCertificate();
  await changed(member, former);
  expect(scene.cloud.iot.registry.things.get(member.vehicleId).attributes).toEqual({ brand: 'volkswagen' });
});

describe('an answer that is lost', () => {
  const losses = [
    ['of the hook', { kind: 'fail', hop: 'function', label: '*admit-rotation*', error: 'ServiceException', times: 1 }],
    ['of the hook, after it decided', { kind: 'duplicate', hop: 'function', label: '*admit-rotation*', times: 1 }],
  ] as const;

  test.each(losses)('%s costs nothing but another attempt', async (_, fault) => {
    const member = await onTheRoad();
    const former = identityOf(member);
    scene.cloud.faults.plan(fault);
    await member.vehicle.rotateCertificate().catch(() => member.vehicle.rotateCertificate());
    await changed(member, former);
  });

  test('of the registration leaves a certificate that the next attempt replaces', async () => {
    const member = await onTheRoad();
    const former = identityOf(member);
    await member.vehicle.close();
    const key = newDeviceKey();
    const first = await call(former, member.vehicleId);
    const lost = await certified(first.questions, key);
    await registered(first.questions, rotationTopic, key, lost, {});
    await first.close();
    const second = await call(former, member.vehicleId);
    const issued = await certified(second.questions, key);
    const next = await registered(second.questions, rotationTopic, key, issued, {});
    await second.close();
    await hasStatus(lost.certificateId, 'REVOKED');
    expect([former.certificateId, next.certificateId].map(statusOf)).toEqual(['ACTIVE', 'ACTIVE']);
    expect((await attempt(scene.cloud.file, next, member.vehicleId)).connack.reasonCode).toBe(0);
    await hasStatus(former.certificateId, 'REVOKED');
  });
});

describe('no certificate is given, and nothing is half done', () => {
  const refusal = { name: 'ProvisioningRefused', code: 'AccessDenied' };

  test("over another vehicle's certificate: it does not connect under this name, and what it says of itself counts for nothing", async () => {
    const [victim, thief] = [await onTheRoad(), await onTheRoad()];
    const stolen = identityOf(thief);
    await expect(call(stolen, victim.vehicleId)).rejects.toThrow();
    await thief.vehicle.close();
    const line = await call(stolen, thief.vehicleId);
    const key = newDeviceKey();
    const issued = await certified(line.questions, key);
    const given = await registered(line.questions, rotationTopic, key, issued, { VehicleId: victim.vehicleId });
    expect(given.vehicleId).toBe(thief.vehicleId);
    await line.close();
    expect(statusOf(victim.first)).toBe('ACTIVE');
  });

  test('over a certificate that is no longer the vehicle’s own', async () => {
    const member = await onTheRoad();
    const former = identityOf(member);
    await member.vehicle.rotateCertificate();
    await hasStatus(former.certificateId, 'REVOKED');
    await expect(call(former, member.vehicleId)).rejects.toThrow();
    expect(statusOf(member.vehicle.certificate?.certificateId ?? '')).toBe('ACTIVE');
  });

  test('with the token of another vehicle, or for the key that is to be replaced', async () => {
    const [one, other] = [await onTheRoad(), await onTheRoad()];
    const [first, second] = [identityOf(one), identityOf(other)];
    await Promise.all([one.vehicle.close(), other.vehicle.close()]);
    const [mine, theirs] = [await call(first, one.vehicleId), await call(second, other.vehicleId)];
    const key = newDeviceKey();
    const issued = await certified(mine.questions, key);
    await expect(registered(theirs.questions, rotationTopic, key, issued, {})).rejects.toMatchObject({
      code: 'InvalidCertificateOwnershipToken',
    });
    const same = await certified(mine.questions, first.privateKeyPem);
    await expect(registered(mine.questions, rotationTopic, first.privateKeyPem, same, {})).rejects.toMatchObject(
      refusal,
    );
    expect(statusOf(same.certificateId)).toBe('PENDING_ACTIVATION');
    expect(statusOf(first.certificateId)).toBe('ACTIVE');
    await Promise.all([mine.close(), theirs.close()]);
  });

  test('by the template of the factory, which is not for vehicles', async () => {
    const member = await onTheRoad();
    await member.vehicle.close();
    const line = await call(identityOf(member), member.vehicleId);
    const request = { certificateSigningRequest: certificateRequest(newDeviceKey()) };
    await expect(
      line.questions.ask(provisionTopic('fleetloom-dev-vehicles'), request, (answer) => answer),
    ).rejects.toThrow();
    await line.close();
  });
});

test('a vehicle that is suspended while it changes is shut out with both certificates, and comes back with the new one', async () => {
  const member = await onTheRoad();
  const { vehicleId, vehicle } = member;
  const former = identityOf(member);
  await vehicle.close();
  const line = await call(former, vehicleId);
  const key = newDeviceKey();
  const next = await registered(line.questions, rotationTopic, key, await certified(line.questions, key), {});
  await line.close();
  const { operator } = scene.journey;
  expect((await operator.post(`/v1/vehicles/${vehicleId}/suspend`, {})).status).toBe(200);
  for (const each of [former, next]) {
    await hasStatus(each.certificateId, 'INACTIVE');
    expect(await letIn(each, vehicleId)).toBe(false);
  }
  expect((await operator.post(`/v1/vehicles/${vehicleId}/reactivate`, {})).status).toBe(200);
  await hasStatus(next.certificateId, 'ACTIVE');
  expect(await letIn(next, vehicleId)).toBe(true);
  await hasStatus(former.certificateId, 'REVOKED');
});

test('an operator asks for it and sees how far it is', async () => {
  const member = await onTheRoad();
  const { vehicleId } = member;
  const { operator, reader } = scene.journey;
  const former = identityOf(member);
  const list = async () => (await operator.get(`/v1/vehicles/${vehicleId}/certificates`)).body;
  expect(await list()).toMatchObject({
    certificates: [
      { certificateId: member.first, use: 'present', status: 'ACTIVE', expiresAt: '2049-12-31T23:59:59.000Z' },
    ],
  });
  const path = `/v1/vehicles/${vehicleId}/certificate-rotation`;
  expect((await reader.post(path, {})).status).toBe(403);
  const { status, body } = await operator.post(path, {});
  expect({ status, body }).toMatchObject({
    status: 202,
    body: { vehicleId, certificateId: member.first, state: 'asked' },
  });
  await changed(member, former);
  const present = member.vehicle.certificate?.certificateId;
  expect(await list()).toMatchObject({ certificates: [{ certificateId: present, use: 'present', status: 'ACTIVE' }] });
  const twin = { desired: { replace: present } };
  expect(await operator.patch(`/v1/vehicles/${vehicleId}/twins/certificate`, twin)).toMatchObject({
    status: 403,
    body: { type: expect.stringContaining('twin-reserved') },
  });
  await operator.post(`/v1/vehicles/${vehicleId}/suspend`, {});
  expect(await operator.post(path, {})).toMatchObject({
    status: 409,
    body: { type: expect.stringContaining('vehicle-suspended') },
  });
});

test('certificates that near their end are counted by the clock of the cloud, and an unconfirmed change lapses', async () => {
  const member = await onTheRoad();
  const { vehicleId, vehicle } = member;
  const former = identityOf(member);
  await vehicle.close();
  const line = await call(former, vehicleId);
  const key = newDeviceKey();
  const next = await registered(line.questions, rotationTopic, key, await certified(line.questions, key), {});
  await line.close();
  const { clock } = scene.cloud;
  const day = 24 * 3_600_000;
  try {
    clock.runAhead(9 * day);
    await hasStatus(next.certificateId, 'REVOKED');
    expect(statusOf(former.certificateId)).toBe('ACTIVE');
  } finally {
    clock.runAhead(0);
  }
});
