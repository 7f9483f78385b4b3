import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ShadowRejection } from '#local/iot/shadows/request.ts';
import { ShadowService } from '#local/iot/shadows/shadow-service.ts';
import { State } from '#local/state/collection.ts';

const hour = 3_600_000;
let directory: string;
let state: State;
let now: number;
let sent: { topic: string; body: unknown }[];
let shadows: ShadowService;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shadows-'));
  now = 1_700_000_000_000;
  open();
});

afterEach(() => {
  state.close();
  rmSync(directory, { recursive: true });
});

function open(): void {
  state = new State(directory);
  sent = [];
  shadows = new ShadowService({
    state,
    clock: { now: () => now, after: () => () => {} },
    publish: (topic, payload) => void sent.push({ topic, body: JSON.parse(payload.toString()) }),
    log: (line) => sent.push({ topic: 'log', body: line }),
  });
}

function bytes(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}

test('an update is answered with the difference, the documents and the acceptance, in this order', () => {
  const topic = '$aws/things/car/shadow/name/climate/update';
  expect(shadows.handles(topic)).toBe(true);
  shadows.handle({ topic, payload: bytes({ state: { desired: { on: true } } }) });
  expect(sent.map(({ topic }) => topic)).toEqual([
    '$aws/things/car/shadow/name/climate/update/delta',
    '$aws/things/car/shadow/name/climate/update/documents',
    '$aws/things/car/shadow/name/climate/update/accepted',
  ]);
});

test('a refused message is answered on its rejected topic, with its client token', () => {
  shadows.handle({ topic: '$aws/things/car/shadow/update', payload: bytes({ state: 5, clientToken: 'k' }) });
  expect(sent).toEqual([
    {
      topic: '$aws/things/car/shadow/update/rejected',
      body: { code: 400, message: 'State node must be an object', timestamp: now / 1000, clientToken: 'k' },
    },
  ]);
});

test('asking for a shadow that does not exist names the thing, or the named shadow', () => {
  shadows.handle({ topic: '$aws/things/car/shadow/get', payload: Buffer.alloc(0) });
  shadows.handle({ topic: '$aws/things/car/shadow/name/climate/get', payload: Buffer.alloc(0) });
  expect(sent).toEqual([
    { topic: '$aws/things/car/shadow/get/rejected', body: { code: 404, message: "No shadow exists with name: 'car'" } },
    {
      topic: '$aws/things/car/shadow/name/climate/get/rejected',
      body: { code: 404, message: "No shadow exists with name: 'climate'" },
    },
  ]);
});

test('an error over HTTP is not announced over MQTT', () => {
  expect(() => shadows.update('car', undefined, Buffer.from('{'))).toThrow(ShadowRejection);
  expect(() => shadows.get('car', undefined)).toThrow(ShadowRejection);
  expect(sent).toEqual([]);
});

test('answers and foreign topics are no requests', () => {
  for (const topic of [
    '$aws/things/car/shadow/update/accepted',
    '$aws/things/car/shadow',
    '$aws/things/c*r/shadow/get',
    'things/car/shadow/get',
    '$aws/things/car/shadow/name/get',
    '$aws/things/car/jobs/get',
  ]) {
    expect(shadows.handles(topic)).toBe(false);
  }
});

test('a deleted shadow answers its last version and goes on with it for 48 hours', () => {
  for (const a of [1, 2, 3]) shadows.update('car', 'x', bytes({ state: { reported: { a } } }));
  expect(shadows.delete('car', 'x')['version']).toBe(3);
  expect(shadows.namedShadows('car')).toEqual([]);
  now += 48 * hour - 1;
  expect(shadows.update('car', 'x', bytes({ state: { reported: { a: 4 } } }))['version']).toBe(4);
  shadows.delete('car', 'x');
  now += 48 * hour;
  expect(shadows.update('car', 'x', bytes({ state: { reported: { a: 5 } } }))['version']).toBe(1);
});

test('named shadows are listed in order, the classic one and those of other things are not', () => {
  for (const name of ['zone', 'climate', undefined]) shadows.update('car', name, bytes({ state: {} }));
  shadows.update('car-2', 'other', bytes({ state: {} }));
  expect(shadows.namedShadows('car')).toEqual(['climate', 'zone']);
});

test('shadows survive a restart', () => {
  shadows.update('car', undefined, bytes({ state: { desired: { a: 1 } } }));
  state.close();
  open();
  expect(shadows.get('car', undefined)['state']).toEqual({ desired: { a: 1 }, delta: { a: 1 } });
});

test('versions rise by one with every accepted update, and a refused one changes nothing', () => {
  const requests = fc.array(
    fc.oneof(
      fc.record({ state: fc.record({ desired: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer()) }) }),
      fc.record({ state: fc.constantFrom(1, 'x', { other: {} }, { desired: { a: [null] } }) }),
      fc.record({ state: fc.constant({}), version: fc.integer({ min: -1, max: 5 }) }),
    ),
    { maxLength: 8 },
  );
  let run = 0;
  fc.assert(
    fc.property(requests, (documents) => {
      const thing = `car-${run++}`;
      let version = 0;
      let last: unknown;
      for (const document of documents) {
        try {
          expect(shadows.update(thing, undefined, bytes(document))['version']).toBe(version + 1);
          version += 1;
          last = shadows.get(thing, undefined);
        } catch (error) {
          if (!(error instanceof ShadowRejection)) throw error;
          if (version > 0) expect(shadows.get(thing, undefined)).toEqual(last);
          else expect(() => shadows.get(thing, undefined)).toThrow(ShadowRejection);
        }
      }
    }),
  );
});
