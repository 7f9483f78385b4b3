import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditRecord } from '#shared/audit/audit-record.ts';
import { begun, type Erasure, type ErasureId, erasureIdOf, pauseOf } from '#shared/erasure/erasure.ts';
import type { ErasureProof } from '#shared/erasure/erasure-proof.ts';
import type { ErasureStep } from '#shared/erasure/erasure-work.ts';
import { ErasureWorker } from '#shared/erasure/erasure-worker.ts';
import { canonical } from '#shared/twins/twin.ts';
import { aBrand, aVehicleId } from '../../contract/samples.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Three stores with items in pages of two, and a worker that is killed at any of its calls. */
function scene(sizes: readonly number[], deaths: readonly number[]) {
  const vehicleId = aVehicleId();
  const erasureId: ErasureId = erasureIdOf('vehicle', vehicleId, sha256);
  const subject = { kind: 'vehicle', vehicleId, brand: aBrand() } as const;
  const time = { now: 1_000 };
  const task = {
    erasure: begun({ erasureId, subject, actor: { kind: 'client', id: 'c' }, requestId: 'r' }, time.now),
  };
  const stores = sizes.map((size) => new Set(Array.from({ length: size }, (_, item) => `item-${item}`)));
  const said = { events: [] as string[], records: [] as AuditRecord[], proof: undefined as ErasureProof | undefined };
  let calls = 0;
  /** Something happens, or the process dies before it, or right after it. */
  const risky = async <T>(happen: () => T): Promise<T> => {
    calls += 1;
    if (deaths.includes(2 * calls)) throw new Error('killed before');
    const result = happen();
    if (deaths.includes(2 * calls + 1)) throw new Error('killed after');
    return result;
  };
  const steps = stores.map((store, number): ErasureStep => {
    const category = (['registration', 'telemetry', 'commands'] as const)[number % 3] ?? 'commands';
    return {
      ...{ category, where: `store ${number}` },
      find: (_, after = '') =>
        risky(() => {
          const left = [...store].sort().filter((key) => key > after);
          const keys = left.slice(0, 2);
          return { keys, ...(left.length > 2 && { next: keys.at(-1) ?? '' }) };
        }),
      erase: (_, keys) =>
        risky(() => {
          for (const key of keys) store.delete(key);
        }),
    };
  });
  const worker = new ErasureWorker({
    steps: { vehicle: steps, person: [] },
    erasures: {
      load: () => risky(() => task.erasure),
      begin: async () => false,
      save: (erasure: Erasure, seen: number) =>
        risky(() => {
          if (task.erasure.version !== seen) return false;
          task.erasure = erasure;
          return true;
        }),
    },
    proofs: { keep: (proof) => risky(() => (said.proof ??= proof)), load: async () => said.proof },
    timer: { wake: () => risky(() => undefined) },
    events: { announce: (id) => risky(() => void said.events.push(id)) },
    trail: { append: (records) => risky(() => void said.records.push(...records)) },
    clock: { now: () => time.now },
    retention: { logDays: 30, evidenceDays: 5479 },
    sha256: (text) => sha256(text).toString('hex'),
  });
  return { worker, erasureId, task, stores, said, time };
}

const sizes = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 5 });
const deaths = fc.array(fc.integer({ min: 2, max: 160 }), { maxLength: 30 });

test('an erasure that dies anywhere, any number of times, erases all, counts each thing once and proves it once', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      deaths,
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      async (stored, killed, twice, slices) => {
        const { worker, erasureId, task, stores, said, time } = scene(stored, killed);
        const work = () => {
          const slice = { number: 0 };
          const hasTime = () => {
            slice.number += 1;
            return slice.number < slices;
          };
          return worker.work(erasureId, hasTime).catch(() => {});
        };
        for (let call = 0; call < 400 && task.erasure.state.status !== 'done'; call += 1) {
          if (task.erasure.state.status === 'paused') time.now = task.erasure.state.until;
          await (twice ? Promise.all([work(), work()]) : work());
        }
        expect(task.erasure.state).toEqual({ status: 'done' });
        expect(stores.every((store) => store.size === 0)).toBe(true);
        expect(said.proof?.erased.map(({ count }) => count)).toEqual(stored);
        expect(new Set(said.events)).toEqual(new Set([erasureId]));
        expect(new Set(said.records.map((record) => JSON.stringify(record))).size).toBe(1);
      },
    ),
    { numRuns: 300 },
  );
});

test('what comes between the sweeps is erased by the second one, and counted as late', async () => {
  const { worker, erasureId, task, stores, said, time } = scene([3], []);
  await worker.work(erasureId, () => true);
  expect(task.erasure.state).toEqual({ status: 'paused', until: time.now + pauseOf(task.erasure.subject) });
  stores[0]?.add('came late');
  await worker.work(erasureId, () => true);
  expect(stores[0]?.size).toBe(1); // the pause is not over
  time.now += pauseOf(task.erasure.subject);
  await worker.work(erasureId, () => true);
  expect(said.proof?.erased).toMatchObject([{ count: 4, late: 1, at: time.now }]);
});

test('a proof bears the digest of all it says, and says nothing of whom it is about', async () => {
  const { worker, erasureId, task, said, time } = scene([1, 0], []);
  await worker.work(erasureId, () => true);
  time.now += pauseOf(task.erasure.subject);
  await worker.work(erasureId, () => true);
  const { sha256: digest, ...rest } = said.proof ?? { sha256: '' };
  expect(digest).toBe(sha256(canonical(rest)).toString('hex'));
  const { subject } = task.erasure;
  expect(JSON.stringify(said.proof)).not.toContain(subject.kind === 'vehicle' ? subject.vehicleId : '?');
});

test('an erasure that gave up says so, and goes on when it is called again', async () => {
  const { worker, erasureId, task, time } = scene([1], []);
  await worker.giveUp(erasureId);
  expect(task.erasure.stuckSince).toBe(time.now);
  await worker.work(erasureId, () => true);
  expect(task.erasure.stuckSince).toBeUndefined();
});

test('a pause in a future that the clock was set back from begins anew, and is none for ever', async () => {
  const { worker, erasureId, task, time } = scene([3], []);
  time.now += 365 * 24 * 3_600_000;
  await worker.work(erasureId, () => true);
  time.now = 1_000;
  await worker.work(erasureId, () => true);
  expect(task.erasure.state).toEqual({ status: 'paused', until: time.now + pauseOf(task.erasure.subject) });
  time.now += pauseOf(task.erasure.subject);
  await worker.work(erasureId, () => true);
  expect(task.erasure.state).toEqual({ status: 'done' });
});
