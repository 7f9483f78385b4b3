import { describe, expect, test } from 'vitest';
import { applyGet, applyUpdate, type LiveShadow, type StoredShadow } from '#local/iot/shadows/document.ts';
import type { JsonObject } from '#local/iot/shadows/json.ts';
import { defaultShadowLimits, parseUpdate, ShadowRejection } from '#local/iot/shadows/request.ts';

const limits = defaultShadowLimits;
const t = 1_700_000_000_000;

function update(stored: StoredShadow | undefined, document: object, now = t) {
  return applyUpdate(stored, parseUpdate(Buffer.from(JSON.stringify(document)), limits), now, limits);
}

function shadowOf(...states: readonly object[]): LiveShadow | undefined {
  let stored: LiveShadow | undefined;
  for (const state of states) stored = update(stored, { state }).shadow;
  return stored;
}

function rejection(run: () => unknown): { code: number; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof ShadowRejection) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('It was accepted.');
}

/** Golden vectors of the shadow service: what was stored, what is sent, what is then. */
const vectors: readonly {
  readonly what: string;
  readonly stored: readonly object[];
  readonly patch: object;
  readonly state: JsonObject;
  readonly delta: JsonObject | undefined;
}[] = [
  {
    what: 'a first desired value is all difference',
    stored: [],
    patch: { desired: { a: 1 } },
    state: { desired: { a: 1 } },
    delta: { a: 1 },
  },
  {
    what: 'reporting what is desired leaves no difference',
    stored: [{ desired: { a: 1 } }],
    patch: { reported: { a: 1 } },
    state: { desired: { a: 1 }, reported: { a: 1 } },
    delta: undefined,
  },
  {
    what: 'desired: null removes the section',
    stored: [{ desired: { a: 1 } }, { reported: { a: 1 } }],
    patch: { desired: null },
    state: { reported: { a: 1 } },
    delta: undefined,
  },
  {
    what: 'only differing members of an object are different',
    stored: [{ desired: { l: { r: 1, g: 2 } }, reported: { l: { r: 1, g: 0 } } }],
    patch: {},
    state: { desired: { l: { r: 1, g: 2 } }, reported: { l: { r: 1, g: 0 } } },
    delta: { l: { g: 2 } },
  },
  {
    what: 'an array is replaced as a whole',
    stored: [{ desired: { c: [1, 2, 3] } }],
    patch: { desired: { c: [1] } },
    state: { desired: { c: [1] } },
    delta: { c: [1] },
  },
  {
    what: 'arrays differ by their order',
    stored: [{ desired: { c: [1, 2] }, reported: { c: [2, 1] } }],
    patch: {},
    state: { desired: { c: [1, 2] }, reported: { c: [2, 1] } },
    delta: { c: [1, 2] },
  },
  {
    what: 'an object emptied by nulls stays',
    stored: [{ desired: { a: { b: 1 } } }],
    patch: { desired: { a: { b: null } } },
    state: { desired: { a: {} } },
    delta: { a: {} },
  },
  {
    what: 'a new object of nulls is not created',
    stored: [],
    patch: { desired: { a: { b: null } } },
    state: {},
    delta: undefined,
  },
  {
    what: 'a section that ends empty is gone',
    stored: [{ desired: { a: 1 } }],
    patch: { desired: { a: null } },
    state: {},
    delta: undefined,
  },
  {
    what: 'a changed type wins',
    stored: [{ desired: { a: { b: 1 } } }],
    patch: { desired: { a: 5 } },
    state: { desired: { a: 5 } },
    delta: { a: 5 },
  },
  {
    what: 'what is only reported is no difference',
    stored: [{ reported: { x: 1 } }],
    patch: {},
    state: { reported: { x: 1 } },
    delta: undefined,
  },
  {
    what: 'an empty object sent explicitly is kept',
    stored: [],
    patch: { desired: { a: { b: {} } } },
    state: { desired: { a: { b: {} } } },
    delta: { a: { b: {} } },
  },
  {
    what: 'an empty section on a fresh shadow is absent',
    stored: [],
    patch: { desired: {} },
    state: {},
    delta: undefined,
  },
];

describe('golden vectors', () => {
  for (const { what, stored, patch, state, delta } of vectors) {
    test(what, () => {
      const before = shadowOf(...stored);
      const { shadow, messages } = update(before, { state: patch });
      expect(shadow.state).toEqual(state);
      expect(messages.delta?.['state']).toEqual(delta);
      expect(shadow.version).toBe(stored.length + 1);
    });
  }

  test('a version that is not the current one is a conflict', () => {
    const stored = shadowOf(...Array.from({ length: 7 }, (_, i) => ({ desired: { i } })));
    expect(rejection(() => update(stored, { state: {}, version: 6 }))).toEqual({
      code: 409,
      message: 'Version conflict',
    });
    expect(update(stored, { state: {}, version: 7 }).shadow.version).toBe(8);
  });

  test('a null in an array is refused', () => {
    expect(rejection(() => update(undefined, { state: { desired: { c: [null] } } }))).toEqual({
      code: 400,
      message: "State contains an invalid node: 'c'",
    });
  });

  test('state: null empties the shadow, and a get then answers empty objects', () => {
    const { shadow, messages } = update(shadowOf({ desired: { a: 1 } }), { state: null });
    expect(messages.accepted).toEqual({
      state: null,
      metadata: { timestamp: t / 1000 },
      version: 2,
      timestamp: t / 1000,
    });
    expect(applyGet(shadow, undefined, t, 'x')).toEqual({ state: {}, metadata: {}, version: 2, timestamp: t / 1000 });
  });
});

describe('documents', () => {
  test('accepted repeats exactly what was sent, with a time at every leaf, nulls included', () => {
    const stored = shadowOf({ desired: { a: 1, b: { c: 2 } } });
    const { messages } = update(stored, { state: { desired: { a: null, b: { c: [1, { d: 2 }] } } }, clientToken: 'k' });
    const stamped = { timestamp: t / 1000 };
    expect(messages.accepted).toEqual({
      state: { desired: { a: null, b: { c: [1, { d: 2 }] } } },
      metadata: { desired: { a: stamped, b: { c: [stamped, { d: stamped }] } } },
      version: 2,
      timestamp: t / 1000,
      clientToken: 'k',
    });
  });

  test('the first documents message has no previous state, the next one the whole of it', () => {
    const first = update(undefined, { state: { desired: { a: 1 } } });
    expect(first.messages.documents['previous']).toBeNull();
    const second = update(first.shadow, { state: { reported: { a: 2 } } }, t + 5_000);
    expect(second.messages.documents).toEqual({
      previous: {
        state: { desired: { a: 1 } },
        metadata: { desired: { a: { timestamp: t / 1000 } } },
        version: 1,
      },
      current: {
        state: { desired: { a: 1 }, reported: { a: 2 } },
        metadata: { desired: { a: { timestamp: t / 1000 } }, reported: { a: { timestamp: t / 1000 + 5 } } },
        version: 2,
      },
      timestamp: t / 1000 + 5,
    });
  });

  test('the difference carries the times at which its values were desired', () => {
    const first = update(undefined, { state: { desired: { a: 1, b: { c: 1, d: 1 } } } });
    const second = update(first.shadow, { state: { desired: { b: { d: 2 } }, reported: { a: 1 } } }, t + 9_000);
    expect(second.messages.delta).toEqual({
      version: 2,
      timestamp: t / 1000 + 9,
      state: { b: { c: 1, d: 2 } },
      metadata: { b: { c: { timestamp: t / 1000 }, d: { timestamp: t / 1000 + 9 } } },
    });
  });

  test('only the leaves that were sent are restamped, also those that did not change', () => {
    const first = update(undefined, { state: { reported: { a: 1, b: 1 } } });
    const second = update(first.shadow, { state: { reported: { a: 1 } } }, t + 3_000);
    expect(second.shadow.metadata).toEqual({
      reported: { a: { timestamp: t / 1000 + 3 }, b: { timestamp: t / 1000 } },
    });
  });

  test('a member called timestamp is a member', () => {
    const stored = shadowOf({ reported: { gps: { timestamp: 1, lat: 2 } } });
    const { shadow } = update(stored, { state: { reported: { gps: { timestamp: 5 } } } }, t + 1_000);
    expect(shadow.metadata).toEqual({
      reported: { gps: { timestamp: { timestamp: t / 1000 + 1 }, lat: { timestamp: t / 1000 } } },
    });
  });
});

describe('refusals', () => {
  const refused = (payload: string | Uint8Array) =>
    rejection(() => parseUpdate(typeof payload === 'string' ? Buffer.from(payload) : payload, limits));

  test.each([
    ['{', 400, 'Invalid JSON'],
    ['', 400, 'Invalid JSON'],
    ['[]', 400, 'Invalid JSON'],
    ['{}', 400, 'Missing required node: state'],
    ['{"state":1}', 400, 'State node must be an object'],
    ['{"state":[]}', 400, 'State node must be an object'],
    ['{"state":{"desired":1}}', 400, 'Desired node must be an object'],
    ['{"state":{"reported":[]}}', 400, 'Reported node must be an object'],
    ['{"state":{},"version":0}', 400, 'Invalid version'],
    ['{"state":{},"version":"1"}', 400, 'Invalid version'],
    ['{"state":{},"version":1.5}', 400, 'Invalid version'],
    ['{"state":{},"clientToken":7}', 400, 'Invalid clientToken'],
    [`{"state":{},"clientToken":"${'é'.repeat(33)}"}`, 400, 'Invalid clientToken'],
    ['{"state":{"delta":{}}}', 400, "State contains an invalid node: 'delta'"],
    ['{"state":{"desired":{"a":{"far":-1e400}}}}', 400, "State contains an invalid node: 'far'"],
    [
      '{"state":{"desired":{"1":{"2":{"3":{"4":{"5":{"6":{}}}}}}}}}',
      400,
      'JSON contains too many levels of nesting; maximum is 6',
    ],
    [`{"state":{"desired":{"a":"${'x'.repeat(8200)}"}}}`, 413, 'The payload exceeds the maximum size allowed'],
  ])('%.40s is refused', (payload, code, message) => {
    expect(refused(payload)).toEqual({ code, message });
  });

  test('bytes that are not UTF-8 are refused', () => {
    expect(refused(Buffer.from([0x7b, 0xff, 0x7d]))).toEqual({
      code: 415,
      message: 'Unsupported documented encoding; supported encoding is UTF-8',
    });
  });

  test('six levels are accepted, and a client token of 64 bytes', () => {
    const state = { desired: { 1: { 2: { 3: { 4: { 5: 'leaf' } } } } } };
    expect(parseUpdate(Buffer.from(JSON.stringify({ state, clientToken: 'x'.repeat(64) })), limits).clientToken).toBe(
      'x'.repeat(64),
    );
  });

  test('a state that outgrows its limit by the merge is refused, even if the request is small', () => {
    const stored = shadowOf({ desired: { a: 'x'.repeat(5000) } });
    expect(rejection(() => update(stored, { state: { reported: { a: 'x'.repeat(4000) } } })).code).toBe(413);
  });

  test('a first update may name version 1 and no other', () => {
    expect(rejection(() => update(undefined, { state: {}, version: 3 }))).toEqual({
      code: 400,
      message: 'Invalid version',
    });
    expect(update(undefined, { state: {}, version: 1 }).shadow.version).toBe(1);
  });
});
