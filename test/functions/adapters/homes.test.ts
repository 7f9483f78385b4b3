import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type HubAnswer, hubOrder, hubQuestion } from '#functions/adapters/azure-iot-hub/hub-calls.ts';
import { HubOrders } from '#functions/adapters/azure-iot-hub/hub-orders.ts';
import { HubQuestions } from '#functions/adapters/azure-iot-hub/hub-questions.ts';
import { HomeAccess } from '#functions/adapters/homes/home-access.ts';
import { HomeDirectory } from '#functions/adapters/homes/home-directory.ts';
import { HomeMessages } from '#functions/adapters/homes/home-messages.ts';
import { HomeRollouts } from '#functions/adapters/homes/home-rollouts.ts';
import { HomePlatformTwins, HomeTwins } from '#functions/adapters/homes/home-twins.ts';
import { campaignIdOf } from '#shared/ota/campaigns/campaign-id.ts';
import { firstHome, type Home, homeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aCertificate, aVehicle, aVehicleId } from '../../contract/samples.ts';

const elsewhere: Home = { name: homeName('vw-weu'), epoch: 3 };
const here = aVehicleId();
const there = aVehicleId();
const back = aVehicleId();
const clock = { now: () => 1_000 };
const settings = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 };

function directory(load: (vehicleId: VehicleId) => Promise<Home | undefined> = homes, time = clock): HomeDirectory {
  return new HomeDirectory(load, time);
}

async function homes(vehicleId: VehicleId): Promise<Home | undefined> {
  if (vehicleId === back) return { name: firstHome, epoch: 2 };
  return vehicleId === there ? elsewhere : undefined;
}

/** A real client whose wire leads here. */
function wire<Input>(
  schema: z.ZodType<Input>,
  answer: (input: Input) => {
    readonly status?: number;
    readonly body: unknown;
    readonly headers?: Record<string, string>;
  },
) {
  const sent: Input[] = [];
  const how: (string | undefined)[] = [];
  const requestHandler = {
    async handle(request: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }) {
      how.push(request.headers?.['x-amz-invocation-type']);
      const input = schema.parse(
        JSON.parse(
          typeof request.body === 'string'
            ? request.body
            : Buffer.from(z.instanceof(Uint8Array).parse(request.body)).toString(),
        ),
      );
      sent.push(input);
      const { status: statusCode = 200, body, headers = {} } = answer(input);
      return { response: { statusCode, headers, body: new TextEncoder().encode(JSON.stringify(body)) } };
    },
  };
  return { sent, how, requestHandler };
}

function orders() {
  const { sent, requestHandler } = wire(z.object({ QueueUrl: z.string(), MessageBody: z.string() }), () => ({
    body: { MessageId: 'm' },
  }));
  const given = () => sent.map(({ MessageBody }) => hubOrder.parse(JSON.parse(MessageBody)));
  return {
    orders: new HubOrders(new SQSClient({ ...settings, requestHandler, md5: false }), 'https://queue', clock),
    given,
  };
}

function questions(
  answer: HubAnswer | undefined,
  response: { status?: number; headers?: Record<string, string>; body?: unknown } = {},
) {
  const { sent, how, requestHandler } = wire(z.unknown().pipe(hubQuestion), () => ({ body: answer, ...response }));
  const client = new LambdaClient({ ...settings, requestHandler });
  return { questions: new HubQuestions(client, 'hub-asked'), asked: sent, how };
}

const message = {
  channel: 'sharing',
  payload: { kind: 'zones' },
  expiresAt: 9_000,
  mode: 'live',
  messageId: 'r-1',
} as const;

describe('a home directory', () => {
  test('asks once for a piece of work, and anew afterwards', async () => {
    let asked = 0;
    const time = { now: () => now };
    let now = 0;
    const known = directory(async () => {
      asked += 1;
      return elsewhere;
    }, time);
    expect(await Promise.all([known.homeOf(there), known.homeOf(there)])).toEqual([elsewhere, elsewhere]);
    expect(asked).toBe(1);
    now = 1_000;
    await known.homeOf(there);
    expect(asked).toBe(2);
    // The clock was set back: what is known is from a future that is not to be waited for.
    now = -60_000;
    await known.homeOf(there);
    expect(asked).toBe(3);
  });

  test('does not remember that the registry did not answer', async () => {
    const answers = [Promise.reject(new Error('away')), Promise.resolve(elsewhere)];
    const known = directory(() => answers.shift() ?? Promise.resolve(undefined));
    await expect(known.homeOf(there)).rejects.toThrow('away');
    expect(await known.homeOf(there)).toEqual(elsewhere);
  });

  test('knows one first home, whether a vehicle has always been there or came back', async () => {
    expect(await directory().homeOf(here)).toBeUndefined();
    expect(await directory().homeOf(back)).toBeUndefined();
  });
});

describe('what is said to a vehicle', () => {
  test('goes to where it is at home, as an order with its epoch', async () => {
    const first: unknown[] = [];
    const { orders: hub, given } = orders();
    const messages = new HomeMessages(
      directory(),
      {
        send: async (...sent) => {
          first.push(sent);
          return {};
        },
      },
      hub.messages,
    );
    for (const vehicleId of [here, back, there]) expect(await messages.send(vehicleId, message, 1)).toEqual({});
    expect(first).toEqual([here, back].map((vehicleId) => [vehicleId, message, 1]));
    expect(given()).toEqual([{ kind: 'message', home: 'vw-weu', epoch: 3, vehicleId: there, message }]);
  });

  test('in its twin by the platform goes there whole, with its order', async () => {
    const first: unknown[] = [];
    const { orders: hub, given } = orders();
    const twins = new HomePlatformTwins(directory(), { show: async (...shown) => void first.push(shown) }, hub.twins);
    for (const vehicleId of [here, there])
      await twins.show(vehicleId, 'ota', [{ offer: null }, { offer: { a: 1 } }], 12);
    expect(first).toHaveLength(1);
    expect(given()).toEqual([
      {
        ...{ kind: 'show', home: 'vw-weu', epoch: 3, vehicleId: there, name: 'ota', order: 12 },
        patches: [{ offer: null }, { offer: { a: 1 } }],
      },
    ]);
  });

  test('of a campaign goes there; groups and jobs are those of the first home', async () => {
    const first: unknown[] = [];
    const note =
      (name: string) =>
      async (...given: unknown[]) =>
        void first.push([name, ...given]);
    const { orders: hub, given } = orders();
    const ports = {
      open: note('open'),
      join: note('join'),
      leave: note('leave'),
      end: note('end'),
      clear: async () => true,
    };
    const rollouts = new HomeRollouts(directory(), ports, hub.rollouts);
    const campaignId = campaignIdOf(1_700_000_000_000, new Uint8Array(7));
    const terms = { closed: true, order: 5 };
    await rollouts.open(campaignId);
    await rollouts.join(campaignId, here, terms);
    await rollouts.join(campaignId, there, terms);
    await rollouts.leave(campaignId, there, { ...terms, order: 6 });
    await rollouts.end(campaignId);
    expect(await rollouts.clear(campaignId)).toBe(true);
    expect(first).toEqual([
      ['open', campaignId],
      ['join', campaignId, here, terms],
      ['end', campaignId],
    ]);
    const at = { home: 'vw-weu', epoch: 3, vehicleId: there, campaignId };
    expect(given()).toEqual([
      { kind: 'join', ...at, releasedAt: 1_000, order: 5 },
      { kind: 'leave', ...at, order: 6 },
    ]);
  });
});

describe('who is shut out', () => {
  const certificate = aCertificate({ certificateId: 'mine' });
  const vehicle = aVehicle({ home: elsewhere, lifeCycle: { status: 'suspended', certificate }, version: 7 });
  const never = {
    setCertificate: () => Promise.reject(new Error('not here')),
    disconnect: () => Promise.reject(new Error('not here')),
  };

  test('is shut out at home, by the status of its identity', async () => {
    const { orders: hub, given } = orders();
    const access = new HomeAccess(never, hub.access);
    await access.setCertificate(vehicle, 'mine', 'INACTIVE');
    await access.disconnect(vehicle);
    const at = { home: 'vw-weu', epoch: 3, vehicleId: vehicle.vehicleId };
    expect(given()).toEqual([
      { kind: 'access', ...at, status: 'INACTIVE', order: 7 },
      { kind: 'disconnect', ...at },
    ]);
  });

  test('is not shut out with a certificate that the vehicle had before: its identity is another’s no more', async () => {
    const { orders: hub, given } = orders();
    await new HomeAccess(never, hub.access).setCertificate(vehicle, 'former', 'REVOKED');
    expect(given()).toEqual([]);
  });

  test('is shut out in the first home where it came back to it', async () => {
    const done: unknown[] = [];
    const first = { setCertificate: async (...given: unknown[]) => void done.push(given), disconnect: async () => {} };
    const { orders: hub, given } = orders();
    const returned = { ...vehicle, home: { name: firstHome, epoch: 4 } };
    await new HomeAccess(first, hub.access).setCertificate(returned, 'mine', 'REVOKED');
    expect([done.length, given()]).toEqual([1, []]);
  });
});

describe('what somebody waits for', () => {
  const document = { desired: { a: 1 }, reported: {}, desiredAt: { a: 5 }, reportedAt: {}, revision: 'r' };

  test('is asked at home, and comes back as it is in the first home', async () => {
    const { questions: hub, asked } = questions({ kind: 'twin', twin: document });
    const never = {
      load: () => Promise.reject(new Error('not here')),
      patchDesired: () => Promise.reject(new Error('not here')),
    };
    expect(await new HomeTwins(directory(), never, hub.twins).load(there, 'climate')).toEqual(document);
    expect(asked).toEqual([{ kind: 'twin', home: 'vw-weu', epoch: 3, vehicleId: there, name: 'climate' }]);
    const none = questions({ kind: 'twin', twin: null });
    expect(await none.questions.twins(elsewhere).load(there, 'climate')).toBeUndefined();
  });

  test('says whether a twin still was what had been seen', async () => {
    const { questions: hub, asked } = questions({ kind: 'patched', done: false });
    expect(await hub.twins(elsewhere).patchDesired(there, 'climate', null, 'seen')).toBe(false);
    expect(asked).toMatchObject([{ kind: 'patch', patch: null, seenRevision: 'seen' }]);
  });

  test('hands over what the vehicle answered at once, and nothing where it did not', async () => {
    const reply = { commandId: 'c', status: 'succeeded' };
    const awaited = { ...message, replyWithin: 10 };
    expect(await questions({ kind: 'handed', reply }).questions.messages(elsewhere).send(there, awaited, 1)).toEqual({
      reply,
    });
    const silent = questions({ kind: 'handed' });
    expect(await silent.questions.messages(elsewhere).send(there, awaited, 1)).toEqual({});
    expect([silent.asked, silent.how]).toMatchObject([[{ message: awaited }], ['RequestResponse']]);
  });

  test('does not wait where nobody does: Lambda takes the message, and asks later', async () => {
    const { questions: hub, asked, how } = questions(undefined, { status: 202 });
    expect(await hub.messages(elsewhere).send(there, message, 1)).toEqual({});
    expect([asked, how]).toEqual([
      [{ kind: 'message', home: 'vw-weu', epoch: 3, vehicleId: there, message }],
      ['Event'],
    ]);
  });

  test('fails as it failed at the hub', async () => {
    const { questions: hub } = questions({
      ...{ kind: 'failed', of: 'unavailable', code: 'hub-throttled', message: 'Wait.', retryAfter: 9 },
    });
    await expect(hub.twins(elsewhere).load(there, 'climate')).rejects.toMatchObject({
      ...{ name: 'Failure', kind: 'unavailable', code: 'hub-throttled', message: 'Wait.', retryAfter: 9 },
    });
  });

  test.each([
    ['ran out of time', { headers: { 'x-amz-function-error': 'Unhandled' }, body: { errorMessage: 'Task timed out' } }],
    ['is asked too often', { status: 429, headers: { 'x-amzn-errortype': 'TooManyRequestsException' }, body: {} }],
  ])('may be asked again where the function %s', async (_, response) => {
    const { questions: hub } = questions(undefined, response);
    await expect(hub.twins(elsewhere).load(there, 'climate')).rejects.toMatchObject({
      ...{ kind: 'unavailable', code: 'hub-not-answering', retryAfter: 5 },
    });
  });

  test('is refused where the answer is to another question', async () => {
    const { questions: hub } = questions({ kind: 'erased' });
    await expect(hub.twins(elsewhere).load(there, 'climate')).rejects.toThrow('Asked for twin, and got erased');
  });
});
