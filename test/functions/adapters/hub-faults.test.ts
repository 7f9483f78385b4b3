import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { AzureHub } from '#functions/adapters/azure-iot-hub/azure-hub.ts';
import { type HubOrder, type HubQuestion, hubOrder, hubQuestion } from '#functions/adapters/azure-iot-hub/hub-calls.ts';
import { hubClients } from '#functions/adapters/azure-iot-hub/hub-clients.ts';
import { answerTo, carryOut } from '#functions/adapters/azure-iot-hub/hub-desk.ts';
import { openAmqpServer } from '#local/azure/amqp/amqp-server.ts';
import { FeedbackQueue } from '#local/azure/amqp/feedback-queue.ts';
import { MovableClock } from '#local/clock.ts';
import type { FaultWish } from '#local/faults/fault-rule.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import type { Listener } from '#local/iot/broker/listener.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { homeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { attached, openServiceScene, type ServiceScene } from '../../local/azure/service-scene.ts';

let scene: ServiceScene;
let amqp: Listener;
let feedback: FeedbackQueue;
let clients: ReturnType<typeof hubClients>;
let hub: AzureHub;
/** By a clock of their own, which goes by itself. */
const planned = new PlannedFaults(new MovableClock());
/** What vehicles heard as methods. */
const heard = new Map<VehicleId, Set<string>>();

beforeAll(async () => {
  const rights = ['RegistryRead', 'RegistryWrite', 'ServiceConnect'] as const;
  const verifyBearer = async (token: string) => (token === 'good' ? rights : undefined);
  // Enough for whatever is tried here: the throttling that is meant comes from the faults.
  scene = await openServiceScene({ verifyBearer, sku: 'S3', units: 10, faults: planned });
  const { state, clock, authority } = scene;
  feedback = new FeedbackQueue({ state, clock, devicebound: scene.hub.devicebound });
  amqp = await openAmqpServer({
    ...{ port: 0, server: authority.server, hub: scene.hub, feedback, verifyBearer, log: () => {} },
  });
  const { hostName } = scene.hub;
  const hubs = { [hostName]: { host: '127.0.0.1', https: scene.port, amqp: amqp.port } };
  const credential = { getToken: async () => ({ token: 'good', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  clients = hubClients(hostName, credential, { authority: '', hubs, ca: authority.caPem });
  hub = new AzureHub(clients, clock);
});
afterAll(async () => {
  await clients.queued.close().catch(() => undefined);
  feedback.close();
  await amqp.close();
  await scene.close();
});

const at = { home: homeName('vw-weu'), epoch: 0 };
const campaignId = 'cmp-aaaaaaaaaaaaaaaaaaaa';
const query = { kind: 'eq', field: { of: 'desired', twin: 'kept', path: ['is'] }, value: 1 };
const note = (mode: 'live' | 'queued', more: object = {}) => ({
  ...{
    channel: 'commands',
    mode,
    messageId: 'm-1',
    payload: { commandId: 'm-1' },
    expiresAt: scene.clock.now() + 60_000,
  },
  ...more,
});

/** Everything that a hub is asked or told, and what is to be there afterwards. `away`: the vehicle has no line. */
const calls: readonly [name: string, call: (vehicleId: VehicleId) => object, away?: 'away'][] = [
  ['question twin', (vehicleId) => ({ kind: 'twin', ...at, vehicleId, name: 'kept' })],
  ['question patch', (vehicleId) => ({ kind: 'patch', ...at, vehicleId, name: 'kept', patch: { is: 2 } })],
  [
    'question message',
    (vehicleId) => ({ kind: 'message', ...at, vehicleId, message: note('live', { replyWithin: 5 }) }),
  ],
  ['question erasure-find', (vehicleId) => ({ kind: 'erasure-find', home: at.home, vehicleId, what: 'twins' })],
  ['question erase twins', (vehicleId) => ({ kind: 'erase', home: at.home, vehicleId, what: 'twins', keys: ['kept'] })],
  [
    'question erase identity',
    (vehicleId) => ({ kind: 'erase', home: at.home, vehicleId, what: 'identity', keys: ['i'] }),
  ],
  ['question query', () => ({ kind: 'query', home: at.home, query, limit: 10 })],
  ['order message', (vehicleId) => ({ kind: 'message', ...at, vehicleId, message: note('live') })],
  ['order message that waits', (vehicleId) => ({ kind: 'message', ...at, vehicleId, message: note('queued') }), 'away'],
  [
    'order show',
    (vehicleId) => ({ kind: 'show', ...at, vehicleId, name: 'ota', patches: [{ a: null }, { a: 1 }], order: 3 }),
  ],
  ['order access', (vehicleId) => ({ kind: 'access', ...at, vehicleId, status: 'INACTIVE', order: 3 })],
  ['order join', (vehicleId) => ({ kind: 'join', ...at, vehicleId, campaignId, releasedAt: 7, order: 3 })],
  ['order leave', (vehicleId) => ({ kind: 'leave', ...at, vehicleId, campaignId, order: 3 })],
];

const throttled = { kind: 'unavailable', code: 'hub-throttled' };
const silent = { kind: 'unavailable', code: 'hub-not-answering' };
/** Whose vehicle is away is told so, also where the line breaks at that: what is wanted is done all the same. */
const mayPass = new Set(['cut off before it could answer']);
type Disturbance = FaultWish extends infer Wish ? (Wish extends unknown ? Omit<Wish, 'hop'> : never) : never;
const faults: readonly [name: string, wish: Disturbance, failure?: object][] = [
  ['throttled', { kind: 'fail', error: 'ThrottlingException' }, throttled],
  ['unauthorized', { kind: 'fail', error: 'IotHubUnauthorizedAccess', status: 401 }, silent],
  ['broken', { kind: 'fail', error: 'InternalServerError', status: 500 }, silent],
  ['out of reach', { kind: 'cut' }, silent],
  ['cut off before it could answer', { kind: 'cut', when: 'after' }, silent],
  ['slow', { kind: 'delay', milliseconds: 3 }],
  ['doing it twice', { kind: 'duplicate' }],
];

function newVehicle(isAway: boolean): VehicleId {
  const vehicleId = aVehicleId();
  scene.hub.identities.create({ deviceId: vehicleId, authentication: { type: 'certificateAuthority' } });
  const desired = { kept: { is: 1 }, stamps: { kept: 1 }, rollouts: { [campaignId]: { releasedAt: 1 } } };
  scene.hub.twins.patchByService(vehicleId, { properties: { desired } });
  if (isAway) return vehicleId;
  const { line } = attached(scene, vehicleId, {
    method(requestId, _, payload) {
      heard.set(vehicleId, new Set([...(heard.get(vehicleId) ?? []), JSON.stringify(payload)]));
      scene.hub.methods.answer(vehicleId, requestId, { status: 200, payload: { reply: 'done' } });
    },
  });
  scene.hub.methods.connect(vehicleId, line);
  return vehicleId;
}

/** As Lambda would hand it over. */
async function carried(call: object): Promise<unknown> {
  const now = scene.clock.now();
  const json: unknown = JSON.parse(JSON.stringify(call));
  const asked = hubQuestion.safeParse(json);
  const isOrder = !asked.success || (asked.data.kind === 'message' && asked.data.message.replyWithin === undefined);
  if (isOrder) return carryOut(hubOrder.parse(json) satisfies HubOrder, () => hub, now);
  const question: HubQuestion = asked.data;
  return answerTo(question, () => hub, now);
}

/** Undefined: it went well. Whoever asks is handed a failure as an answer. */
async function failureOf(call: object): Promise<unknown> {
  try {
    const answer = await carried(call);
    const isFailed = typeof answer === 'object' && answer !== null && Reflect.get(answer, 'kind') === 'failed';
    return isFailed ? { ...answer, kind: Reflect.get(answer, 'of') } : undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: error.kind, code: error.code, retryAfter: error.retryAfter };
  }
}

/** The SDK never says that a line for queued messages is gone: time is what tells, and it is moved here. */
async function outlasting<T>(attempt: () => Promise<T>, struck: () => boolean): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let isOver = false;
    const over = attempt().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      if (struck()) vi.advanceTimersByTime(100);
    }
    return await over;
  } finally {
    vi.useRealTimers();
  }
}

/** All that the call can have changed, without what counts how often somebody has tried. */
function effectOn(vehicleId: VehicleId): object {
  const identity = scene.hub.identities.find(vehicleId);
  const words = [...(heard.get(vehicleId) ?? [])];
  if (identity === undefined) return { words };
  const { desired, tags } = scene.hub.twins.get(vehicleId);
  const { stamps: _, ...wishes } = desired.value;
  const waiting = new Set<string>();
  for (
    let next = scene.hub.devicebound.next(vehicleId);
    next !== undefined;
    next = scene.hub.devicebound.next(vehicleId)
  ) {
    waiting.add(String(next.messageId));
  }
  return { status: identity.status, wishes, tags, words, waiting: [...waiting] };
}

test.each(calls)(
  '%s: whatever befalls any of its requests is told in our own words, and done once by another try',
  async (_, callOf, away) => {
    const undisturbed = newVehicle(away === 'away');
    const counted = planned.plan({ kind: 'delay', hop: 'hub', milliseconds: 1 });
    expect(await failureOf(callOf(undisturbed))).toBeUndefined();
    const requests = planned.disturbances.filter(({ faultId }) => faultId === counted).length;
    planned.end(counted);
    const wanted = effectOn(undisturbed);
    expect(requests).toBeGreaterThan(0);
    for (const [name, wish, failure] of faults) {
      for (let after = 0; after < requests; after += 1) {
        const cell = `${name}, request ${after + 1} of ${requests}`;
        const vehicleId = newVehicle(away === 'away');
        const call = callOf(vehicleId);
        const fault = planned.plan({ ...wish, hop: 'hub', after, times: 1 });
        const struck = () => planned.disturbances.some(({ faultId }) => faultId === fault);
        const first = await (wish.kind === 'cut' ? outlasting(() => failureOf(call), struck) : failureOf(call));
        expect(struck(), cell).toBe(true);
        planned.end(fault);
        if (failure === undefined) expect(first, cell).toBeUndefined();
        else if (first !== undefined || !mayPass.has(name))
          expect(first, cell).toMatchObject({ ...failure, retryAfter: expect.any(Number) });
        if (first !== undefined) expect(await failureOf(call), cell).toBeUndefined();
        expect(effectOn(vehicleId), cell).toEqual(wanted);
      }
    }
  },
);
