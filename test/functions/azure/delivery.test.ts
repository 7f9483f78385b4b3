import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliver } from '#functions/azure/delivery.ts';
import { Platform } from '#functions/azure/platform.ts';
import { judgeSignature } from '#functions/post-signature.ts';
import { type DevicePost, devicePostsSchema } from '#shared/vehicle-cloud/device-post.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { telemetryEvent } from './hub-samples.ts';

const vehicleId = aVehicleId();
const { privateKey } = generateKeyPairSync('ed25519');
const keys = new Map([['vw-weu.1', createPublicKey(privateKey)]]);
const now = Date.parse('2026-11-22T10:00:05Z');

interface Call {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly DevicePost[];
}

type Answer = { readonly status: number; readonly headers?: Record<string, string> } | Error;

/** A platform that answers as it is told to, and the app's side of it. */
function scene(answer: (call: Call, attempt: number) => Answer, attempts = 4) {
  const calls: Call[] = [];
  const waits: number[] = [];
  const said: string[] = [];
  const platform = new Platform({
    ...{ url: 'https://platform.example', home: 'vw-weu', signer: { keyId: 'vw-weu.1', privateKey } },
    patience: { attempts, timeout: 1000, longestWait: 60_000 },
    log: { warn: (line) => void said.push(line), error: (line) => void said.push(`ERROR ${line}`) },
    now: () => now,
    wait: async (time) => void waits.push(time),
    fetch: async (input, init) => {
      const body = String(init?.body);
      const headers = Object.fromEntries(new Headers(init?.headers));
      expect(judgeSignature(headers, Buffer.from(body), { home: 'vw-weu', keys, now })).toMatchObject({ kind: 'good' });
      const call = { url: String(input), headers, events: devicePostsSchema.parse(JSON.parse(body)).events };
      calls.push(call);
      const told = answer(call, calls.length);
      if (told instanceof Error) throw told;
      const problem = told.status >= 400 ? { 'content-type': 'application/problem+json' } : {};
      return new Response('{}', { status: told.status, headers: { ...problem, ...told.headers } });
    },
  });
  return { platform, calls, waits, said };
}

const events = (count: number) => Array.from({ length: count }, (_, sequence) => telemetryEvent(vehicleId, sequence));
const sequences = (calls: readonly Call[]) => calls.flatMap((call) => call.events.map(({ sequence }) => sequence));

test('a batch goes in one post, in its order', async () => {
  const { platform, calls } = scene(() => ({ status: 202 }));
  expect(await deliver(events(30), platform)).toEqual([]);
  expect(calls.map(({ url }) => url)).toEqual(['https://platform.example/v1/device-events/vw-weu']);
  expect(sequences(calls)).toEqual(events(30).map(({ sequence }) => sequence));
});

describe('a platform that does not take it now', () => {
  test('is asked again as late as it says, each time under another signature', async () => {
    const { platform, calls, waits } = scene((_, attempt) =>
      attempt < 3 ? { status: 429, headers: { 'retry-after': '9' } } : { status: 202 },
    );
    expect(await deliver(events(2), platform)).toEqual([]);
    expect(waits).toEqual([9000, 9000]);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
    expect(new Set(calls.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
  });

  test.each([401, 408, 409, 429, 500, 503])('keeps nobody’s events from coming again: %s', async (status) => {
    const { platform, calls, said } = scene(() => ({ status }));
    await expect(deliver(events(2), platform)).rejects.toThrow('The platform takes nothing');
    expect(calls).toHaveLength(4);
    expect(said.some((line) => line.startsWith('ERROR') && line.includes('clock and key'))).toBe(status === 401);
  });

  test('waits longer each time, where it does not say how long', async () => {
    const { platform, waits } = scene(() => new Error('socket hang up'));
    await expect(deliver(events(1), platform)).rejects.toThrow('socket hang up');
    expect(waits).toHaveLength(3);
    for (const [place, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(250 * 2 ** place);
      expect(wait).toBeLessThanOrEqual(500 * 2 ** place);
    }
  });

  test('is not believed where somebody else answers in its place', async () => {
    const { platform } = scene(() => ({ status: 404, headers: { 'content-type': 'text/html' } }));
    await expect(deliver(events(1), platform)).rejects.toThrow('The platform takes nothing');
  });
});

test('poison is told apart from its neighbours, which all arrive, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.uniqueArray(fc.nat({ max: 59 })), async (count, bad) => {
      const taken: number[] = [];
      const { platform } = scene(({ events: posted }) => {
        if (posted.some(({ sequence }) => bad.includes(sequence))) return { status: 400 };
        taken.push(...posted.map(({ sequence }) => sequence));
        return { status: 202 };
      });
      const poison = await deliver(events(count), platform);
      const all = events(count).map(({ sequence }) => sequence);
      expect(taken).toEqual(all.filter((sequence) => !bad.includes(sequence)));
      expect(poison.map(({ sequence }) => sequence)).toEqual(all.filter((sequence) => bad.includes(sequence)));
    }),
    { numRuns: 25 },
  );
});

test('poison says why, and fits a message of the queue', async () => {
  const { platform, calls } = scene(() => ({ status: 202 }));
  const [poison] = await deliver([telemetryEvent(vehicleId, 3, { channel: '', body: 'x'.repeat(90_000) })], platform);
  expect(calls).toEqual([]);
  expect(poison).toMatchObject({
    reason: 'no channel that the platform has',
    partition: '1',
    sequence: 3,
    cutFrom: 90_000,
  });
  expect(JSON.stringify(poison).length).toBeLessThan(48 * 1024);
});
