import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handOver } from '#functions/adapters/azure-iot-hub/handover.ts';
import {
  failedWith,
  failureIn,
  hubAnswer,
  hubOrder,
  hubQuestion,
} from '#functions/adapters/azure-iot-hub/hub-calls.ts';
import type { HubCloud, HubVehicles } from '#functions/adapters/azure-iot-hub/hub-cloud.ts';
import { answerTo, carryOut, isThrottled } from '#functions/adapters/azure-iot-hub/hub-desk.ts';
import { anyQuestion, homeAnswer } from '#functions/adapters/azure-iot-hub/hub-home-calls.ts';
import { Failure, type FailureKind } from '#shared/kernel/failure.ts';
import { homeName } from '#shared/registry/home.ts';
import { aVehicleId } from '../../contract/samples.ts';

const home = homeName('vw-weu');
const vehicleId = aVehicleId();
const at = { home, epoch: 3, vehicleId };
const message = { channel: 'commands', payload: { a: 1 }, expiresAt: 5_000, mode: 'queued', messageId: 'm' } as const;

/** A hub that notes what it is asked, and says what it is told to. */
function aHub(say: (call: string) => unknown = () => undefined) {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    async (...given: unknown[]) => {
      calls.push([name, ...given]);
      return say(name);
    };
  const told =
    (name: string) =>
    async (...given: unknown[]) =>
      void (await note(name)(...given));
  const vehicles: HubVehicles = {
    twins: {
      load: async () => void (await note('load')()),
      patchDesired: async (...given) => (await note('patchDesired')(...given)) !== false,
      show: told('show'),
    },
    messages: { send: async (...given) => ({ reply: await note('send')(...given) }) },
    access: { set: told('set'), disconnect: told('disconnect') },
    rollouts: { join: told('join'), leave: told('leave') },
  };
  const hub: HubCloud = {
    vehiclesOf: (epoch) => {
      calls.push(['epoch', epoch]);
      return vehicles;
    },
    host: 'weu.azure-devices.net',
    homeOf: (at) => {
      calls.push(['home', at]);
      const twinNames = async (id: string) => {
        await note('twinNames')(id);
        return ['comfort'];
      };
      return { twinNames, letIn: told('letIn'), shutOut: told('shutOut'), forget: told('forget') };
    },
    erasure: {
      find: async (...given) => {
        await note('find')(...given);
        return { keys: ['ota'], next: 'n' };
      },
      erase: told('erase'),
    },
    query: async (...given) => {
      await note('query')(...given);
      return { items: [vehicleId] };
    },
  };
  return { hubs: () => hub, calls };
}

describe('a question', () => {
  test.each([
    [{ kind: 'twin', ...at, name: 'climate' }, { kind: 'twin', twin: null }, ['load']],
    [
      { kind: 'patch', ...at, name: 'climate', patch: { a: null } },
      { kind: 'patched', done: true },
      ['patchDesired', vehicleId, 'climate', { a: null }, undefined],
    ],
    [{ kind: 'message', ...at, message }, { kind: 'handed', reply: undefined }, ['send', vehicleId, message, 1_000]],
    [
      { kind: 'erasure-find', home, vehicleId, what: 'twins' },
      { kind: 'found', keys: ['ota'], next: 'n' },
      ['find', vehicleId, 'twins', undefined],
    ],
    [
      { kind: 'erase', home, vehicleId, what: 'identity', keys: ['a'] },
      { kind: 'erased' },
      ['erase', vehicleId, 'identity', ['a']],
    ],
    [
      { kind: 'query', home, query: { kind: 'exists', field: { of: 'reported', twin: 'ota', path: [] } }, limit: 5 },
      { kind: 'page', vehicleIds: [vehicleId] },
      undefined,
    ],
  ])('reaches the hub and comes back: %j', async (question, answer, call) => {
    const { hubs, calls } = aHub();
    const given = hubQuestion.parse(JSON.parse(JSON.stringify(question)));
    const said = await answerTo(given, hubs, 1_000);
    expect(hubAnswer.parse(JSON.parse(JSON.stringify(said)))).toEqual(JSON.parse(JSON.stringify(answer)));
    if (call !== undefined) expect(calls).toContainEqual(call);
  });

  test.each([
    [
      { kind: 'let-in', ...at, brand: 'audi', market: 'DE', thumbprint: 'aa' },
      { kind: 'done' },
      ['letIn', { vehicleId, brand: 'audi', market: 'DE' }, 'aa'],
    ],
    [{ kind: 'twin-names', ...at }, { kind: 'names', names: ['comfort'] }, ['twinNames', vehicleId]],
    [{ kind: 'shut-out', ...at }, { kind: 'done' }, ['shutOut', vehicleId]],
    [{ kind: 'forget', ...at }, { kind: 'done' }, ['forget', vehicleId]],
  ])('of a move reaches the hub under its epoch and comes back: %j', async (question, answer, call) => {
    const { hubs, calls } = aHub();
    const said = await answerTo(anyQuestion.parse(JSON.parse(JSON.stringify(question))), hubs, 1_000);
    expect(homeAnswer.parse(JSON.parse(JSON.stringify(said)))).toEqual(answer);
    expect(calls).toEqual([['home', { name: home, epoch: 3 }], call]);
  });

  test('for the host of a hub is answered', async () => {
    const host = 'weu.azure-devices.net';
    expect(await answerTo(anyQuestion.parse({ kind: 'endpoint', home }), aHub().hubs, 1)).toEqual({
      kind: 'endpoint',
      host,
    });
  });

  test('that fails for a reason is answered with the reason, and with nothing else', async () => {
    const { hubs } = aHub(() => {
      throw new Failure('unavailable', 'hub-throttled', 'Wait.', { retryAfter: 7, cause: new Error('secret') });
    });
    const answer = await answerTo({ kind: 'twin', ...at, name: 'climate' }, hubs, 1);
    expect(answer).toEqual({
      kind: 'failed',
      of: 'unavailable',
      code: 'hub-throttled',
      message: 'Wait.',
      retryAfter: 7,
    });
  });

  test('that fails for a reason of nobody’s is a fault of the function', async () => {
    const { hubs } = aHub(() => {
      throw new TypeError('x is not a function');
    });
    await expect(answerTo({ kind: 'twin', ...at, name: 'climate' }, hubs, 1)).rejects.toThrow(TypeError);
  });
});

describe('an order', () => {
  test.each([
    [
      { kind: 'show', ...at, name: 'ota', patches: [{ offer: null }], order: 7 },
      ['show', vehicleId, 'ota', [{ offer: null }], 7],
    ],
    [{ kind: 'access', ...at, status: 'INACTIVE', order: 4 }, ['set', vehicleId, 'INACTIVE', 4]],
    [{ kind: 'disconnect', ...at }, ['disconnect', vehicleId]],
    [{ kind: 'message', ...at, message }, ['send', vehicleId, message, 1_000]],
  ])('is carried out as it was given: %j', async (order, call) => {
    const { hubs, calls } = aHub();
    expect(await carryOut(hubOrder.parse(JSON.parse(JSON.stringify(order))), hubs, 1_000)).toBe('done');
    expect(calls).toEqual([['epoch', 3], call]);
  });

  test('that is too late, or is for a vehicle that is gone, is not repeated for ever', async () => {
    const late = aHub();
    expect(await carryOut({ kind: 'message', ...at, message }, late.hubs, 5_000)).toBe('pointless');
    expect(late.calls).toEqual([]);
    const gone = aHub(() => {
      throw new Failure('conflict', 'vehicle-not-provisioned', 'Nobody.');
    });
    expect(await carryOut({ kind: 'disconnect', ...at }, gone.hubs, 1)).toBe('pointless');
  });

  test('that a hub throttles comes again', async () => {
    const { hubs } = aHub(() => {
      throw new Failure('unavailable', 'hub-throttled', 'Wait.', { retryAfter: 7 });
    });
    await expect(carryOut({ kind: 'disconnect', ...at }, hubs, 1)).rejects.toSatisfy(isThrottled);
  });
});

describe('a command for whose outcome nobody waits', () => {
  const command = { kind: 'message', ...at, message } as const;
  const seconds = (retryAfter: number) => new Failure('unavailable', 'hub-throttled', 'Wait.', { retryAfter });

  /** A hub that throttles so often, and a clock that pauses move. */
  function throttled(times: number, retryAfter: number) {
    const time = { now: 1_000 };
    let left = times;
    const { hubs, calls } = aHub(() => {
      if (left-- > 0) throw seconds(retryAfter);
    });
    const pause = async (ms: number) => {
      time.now += ms;
    };
    return { calls, hand: () => handOver(command, hubs, { clock: { now: () => time.now }, pause }) };
  }

  test('is tried again while the hub takes no more, as long as it lives', async () => {
    const soon = throttled(2, 1);
    expect(await soon.hand()).toBe('done');
    expect(soon.calls.filter(([name]) => name === 'send').map((call) => call[3])).toEqual([1_000, 2_000, 3_000]);
    const late = throttled(9, 2);
    expect(await late.hand()).toBe('pointless');
    expect(late.calls.filter(([name]) => name === 'send')).toHaveLength(2);
  });

  test('is given back where the hub takes none for longer than its function may take', async () => {
    await expect(throttled(1, 16).hand()).rejects.toMatchObject({ code: 'hub-throttled' });
  });

  test('is given back at what no other try puts right', async () => {
    const { hubs } = aHub(() => {
      throw new TypeError('x is not a function');
    });
    const pause = () => Promise.reject(new Error('no pause'));
    await expect(handOver(command, hubs, { clock: { now: () => 1 }, pause })).rejects.toThrow(TypeError);
  });
});

const kinds: readonly FailureKind[] = [
  ...(['invalid', 'unacceptable', 'forbidden', 'not-found', 'conflict', 'stale', 'too-large', 'throttled'] as const),
  'unavailable',
];

test('a failure is the same on both sides', () => {
  const text = fc.string();
  const options = fc.record(
    {
      resolution: text,
      errors: fc.array(fc.record({ pointer: text, detail: text }), { maxLength: 3 }),
      retryAfter: fc.nat(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.constantFrom(...kinds), text, text, options, (kind, code, words, more) => {
      const failure = new Failure(kind, code, words, more);
      const answer = hubAnswer.parse(JSON.parse(JSON.stringify(failedWith(failure))));
      if (answer.kind !== 'failed') throw new Error('It failed');
      const same = failureIn(answer);
      expect(same).toEqual(failure);
      const { kind: k, code: c, message: m, resolution, errors, retryAfter } = same;
      expect({ k, c, m, resolution, errors, retryAfter }).toEqual({
        ...{ k: kind, c: code, m: words },
        ...{ resolution: failure.resolution, errors: failure.errors, retryAfter: failure.retryAfter },
      });
    }),
  );
});
