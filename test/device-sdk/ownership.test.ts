import { afterAll, beforeAll, expect, test } from 'vitest';
import { thisHost } from '#device-sdk/host.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import type { ClaimCodeAnswer } from '#shared/vehicle-cloud/envelopes.ts';
import { ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { TestCloud, temporaryDirectory, until } from './test-cloud.ts';

const rules = ruleNames('test');
let cloud: TestCloud;
let vehicle: Vehicle;
const requests: string[] = [];
let answer: (requestId: string) => void = () => {};

beforeAll(async () => {
  cloud = await TestCloud.open();
  cloud.hub.serve(vehicleTopics('+', rules).claimCodeRequestTopic, (_, payload) => {
    const { requestId } = JSON.parse(payload);
    requests.push(requestId);
    answer(requestId);
  });
  const { hub: transport, claim } = cloud;
  // Who waits five seconds for an answer waits one.
  const host = { ...thisHost, after: (ms: number, fire: () => void) => thisHost.after(ms / 5, fire) };
  vehicle = Vehicle.open({ directory: temporaryDirectory(), vin: 'WVWZZZE1ZMP000001', transport, claim, host });
  await vehicle.connect();
});
afterAll(() => vehicle.close());

function send(message: ClaimCodeAnswer): void {
  cloud.hub.publish(vehicleTopics(vehicle.vehicleId ?? '', rules).claimCodeTopic, JSON.stringify(message));
}

function code(requestId: string, revision: number, text: string, lifetime = 600_000): ClaimCodeAnswer {
  return { kind: 'code', requestId, revision, code: text, expiresAt: Date.now() + lifetime };
}

test('a vehicle shows the code that it asked for, and clears the screen once it is used', async () => {
  answer = (requestId) => send(code(requestId, 10, 'AAAA-0001'));
  expect((await vehicle.ownership.showCode()).code).toBe('AAAA-0001');
  send({ kind: 'used', revision: 9 });
  send(code('stray', 9, 'AAAA-0000'));
  send({ kind: 'used', revision: 10 });
  await until(() => vehicle.ownership.code === undefined);
});

test('an answer that got lost is asked for again, under another number', async () => {
  const before = requests.length;
  answer = (requestId) => {
    if (requests.length > before + 1) send(code(requestId, 20, 'AAAA-0002'));
  };
  expect((await vehicle.ownership.showCode()).code).toBe('AAAA-0002');
  expect(new Set(requests.slice(before)).size).toBe(2);
});

test('a code that is older than the one on the screen, or whose time is over, is never shown', async () => {
  answer = (requestId) => {
    send(code(requestId, 19, 'OLD0-0000'));
    send(code(requestId, 31, 'AAAA-0003'));
  };
  await vehicle.ownership.showCode();
  await until(() => vehicle.ownership.code?.code === 'AAAA-0003');
  // The newest is over already: it makes the one before void and does not appear itself.
  send(code('late', 32, 'LATE-0000', -1));
  await until(() => vehicle.ownership.code === undefined);
});

test('a screen forgets its code when the time is over', async () => {
  answer = (requestId) => send(code(requestId, 40, 'AAAA-0004', 200));
  expect((await vehicle.ownership.showCode()).code).toBe('AAAA-0004');
  await until(() => vehicle.ownership.code === undefined);
});

test('a vehicle that asked too often says until when', async () => {
  answer = (requestId) => send({ kind: 'refused', requestId, reason: 'too-often', retryAt: 1_900_000_000_000 });
  await expect(vehicle.ownership.showCode()).rejects.toMatchObject({ reason: 'too-often', retryAt: 1_900_000_000_000 });
});
