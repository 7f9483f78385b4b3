import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuotaService } from '#shared/access/quota-service.ts';
import { MemoryStandings } from './memory-standings.ts';

const client = { askerId: 'partner', kind: 'client' } as const;
const quotas = { client: { rate: 100, burst: 200 }, person: { rate: 5, burst: 20 } };

function scene() {
  const standings = new MemoryStandings();
  const time = { now: 1_000_000 };
  const clock = { now: () => time.now };
  const shutOut: string[] = [];
  const blind: unknown[] = [];
  const watch = {
    shutOut: (askerId: string) => void shutOut.push(askerId),
    blind: (error: unknown) => void blind.push(error),
  };
  const instance = () => new QuotaService({ standings, clock, quotas, watch });
  return { standings, time, shutOut, blind, instance };
}

/** `perSecond` requests a second for so long, spread over the instances in turn. */
async function drive(
  { time }: { time: { now: number } },
  instances: readonly QuotaService[],
  {
    perSecond,
    seconds,
    asking = client,
  }: { perSecond: number; seconds: number; asking?: Parameters<QuotaService['admit']>[0] },
) {
  let admitted = 0;
  const kinds = new Set<string>();
  const begun = time.now;
  for (let n = 0; n < perSecond * seconds; n += 1) {
    time.now = begun + Math.floor((n * 1000) / perSecond);
    const admission = await instances[n % instances.length]?.admit(asking);
    if (admission?.kind === 'admitted') admitted += 1;
    kinds.add(admission?.kind ?? '');
    if (n % 10 === 0) await setImmediate();
  }
  time.now = begun + seconds * 1000;
  return { admitted, kinds };
}

test('a client below its quota is never refused, and costs far fewer writes than requests', async () => {
  const all = scene();
  const { admitted } = await drive(all, [all.instance(), all.instance(), all.instance()], {
    perSecond: 90,
    seconds: 20,
  });
  expect(admitted).toBe(1800);
  expect(all.standings.saves).toBeLessThan(1800 / 8);
});

test('a client at ten times its quota gets its quota, from one instance or from many', async () => {
  for (const count of [1, 3, 12]) {
    const all = scene();
    const instances = Array.from({ length: count }, all.instance);
    const { admitted } = await drive(all, instances, { perSecond: 1000, seconds: 10 });
    expect(admitted).toBeLessThanOrEqual(200 + 100 * 10 + count);
    expect(admitted).toBeGreaterThan((200 + 100 * 10) * 0.85);
    // 10,000 requests.
    expect(all.standings.saves).toBeLessThan(100 + 60 * count);
  }
});

test('another client does not notice', async () => {
  const all = scene();
  const service = all.instance();
  const other = { askerId: 'other', kind: 'client' } as const;
  const [, quiet] = await Promise.all([
    drive(all, [service], { perSecond: 1000, seconds: 5 }),
    drive(all, [service], { perSecond: 50, seconds: 5, asking: other }),
  ]);
  expect(quiet.admitted).toBe(250);
});

test('a person has a smaller quota', async () => {
  const all = scene();
  const asking = { askerId: 'person/p', kind: 'person' } as const;
  const { admitted } = await drive(all, [all.instance()], { perSecond: 50, seconds: 4, asking });
  expect(admitted).toBeGreaterThan(30);
  expect(admitted).toBeLessThanOrEqual(20 + 5 * 4 + 1);
});

test('whoever waits as long as Retry-After says gets through, there or in another instance', () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({ rate: fc.double({ min: 0.05, max: 500, noNaN: true }), burst: fc.integer({ min: 1, max: 500 }) }),
      fc.integer({ min: 1, max: 3 }),
      async (quota, count) => {
        const all = scene();
        all.standings.quotas.set('partner', quota);
        const instances = Array.from({ length: count }, all.instance);
        for (let round = 0; round < 3; round += 1) {
          let seconds = 0;
          for (let n = 0; seconds === 0 && n < 3000; n += 1) {
            const admission = await instances[0]?.admit(client);
            if (admission !== undefined && admission.kind !== 'admitted') seconds = admission.seconds;
          }
          expect(Number.isInteger(seconds)).toBe(true);
          all.time.now += seconds * 1000;
          expect((await instances[round % count]?.admit(client))?.kind).toBe('admitted');
          await setImmediate();
        }
      },
    ),
    { numRuns: 60 },
  ));

test('nobody gets more than burst + rate × time + one request an instance in five seconds, whatever happens', () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({ rate: fc.integer({ min: 1, max: 200 }), burst: fc.integer({ min: 1, max: 300 }) }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(
        fc.oneof(
          { weight: 6, arbitrary: fc.record({ ask: fc.nat({ max: 4 }), times: fc.integer({ min: 1, max: 60 }) }) },
          { weight: 4, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 3000 }) }) },
          { weight: 1, arbitrary: fc.record({ jump: fc.integer({ min: -100_000, max: 100_000 }) }) },
          { weight: 1, arbitrary: fc.record({ crash: fc.nat({ max: 4 }) }) },
        ),
        { minLength: 5, maxLength: 60 },
      ),
      async (quota, count, steps) => {
        const all = scene();
        all.standings.quotas.set('partner', quota);
        const instances = Array.from({ length: count }, all.instance);
        let [admitted, passed, credits] = [0, 0, count];
        for (const step of steps) {
          if ('pass' in step) {
            all.time.now += step.pass;
            passed += step.pass;
            credits += count * (step.pass / 5000);
          } else if ('jump' in step) {
            // A jump ahead fills no more than the bucket; each jump may lend every instance a request.
            all.time.now += step.jump;
            if (step.jump > 0) passed += Math.min(step.jump, (quota.burst / quota.rate) * 1000);
            credits += count;
          } else if ('crash' in step) {
            instances[step.crash % count] = all.instance();
            credits += 1;
          } else {
            const asked = instances[step.ask % count];
            const answers = await Promise.all(Array.from({ length: step.times }, () => asked?.admit(client)));
            admitted += answers.filter((answer) => answer?.kind === 'admitted').length;
            if (step.times % 3 === 0) await setImmediate();
          }
        }
        expect(admitted).toBeLessThanOrEqual(quota.burst + (quota.rate * passed) / 1000 + credits + 1e-3);
      },
    ),
    { numRuns: 300 },
  ));

test('a clock that was set back by hours locks nobody out', async () => {
  const all = scene();
  const instances = [all.instance(), all.instance()];
  await drive(all, instances, { perSecond: 1000, seconds: 3 });
  all.time.now -= 10 * 3_600_000;
  const { admitted } = await drive(all, instances, { perSecond: 1000, seconds: 5 });
  expect(admitted).toBeGreaterThan(400);
});

test('a client that waits as it is told gets through, also where the clock was set back by hours', async () => {
  const all = scene();
  const service = all.instance();
  await drive(all, [service], { perSecond: 1000, seconds: 3 });
  all.time.now -= 10 * 3_600_000;
  // The instance is another one: it knows what stands in the table, and no more.
  const another = all.instance();
  await another.admit(client);
  const refusal = await another.admit(client);
  all.time.now += 1000 * refusal.seconds;
  expect(await another.admit(client)).toMatchObject({ kind: 'admitted' });
  await drive(all, [another], { perSecond: 1, seconds: 10 });
  expect(await another.admit(client)).toMatchObject({ kind: 'admitted' });
});

test('who was shut out in a future that the clock was set back from begins anew', async () => {
  const all = scene();
  const instances = [all.instance()];
  await drive(all, instances, { perSecond: 2000, seconds: 30 });
  expect(all.shutOut).toEqual(['partner']);
  all.time.now -= 10 * 3_600_000;
  // So much would shut out whoever is watched closely.
  await drive(all, instances, { perSecond: 300, seconds: 40 });
  expect(all.shutOut).toEqual(['partner']);
});

test('while the table does not answer each instance counts by itself, and shares again afterwards', async () => {
  const all = scene();
  const service = all.instance();
  all.standings.broken = true;
  const { admitted } = await drive(all, [service], { perSecond: 1000, seconds: 4 });
  expect(admitted).toBeGreaterThan(550);
  expect(admitted).toBeLessThanOrEqual(200 + 400 + 4);
  // One request in two seconds finds out, and none waits for it.
  expect(all.standings.calls).toBeLessThan(10);
  all.standings.broken = false;
  await drive(all, [service], { perSecond: 50, seconds: 10 });
  expect(all.standings.saves).toBeGreaterThan(10);
});

test('a client that never waits is shut out for a growing time, in every instance, and then watched closely', async () => {
  const all = scene();
  const instances = [all.instance(), all.instance()];
  const asking = () => drive(all, instances, { perSecond: 2000, seconds: 30 });
  const flood = await asking();
  expect(flood.kinds).toContain('circuit-open');
  expect(all.shutOut).toEqual(['partner']);
  const circuit = all.standings.standings.get('partner')?.circuit;
  expect(circuit).toMatchObject({ times: 1, reason: 'quota-ignored' });
  const calls = all.standings.calls;
  await drive(all, instances, { perSecond: 1000, seconds: 5 });
  expect(all.standings.calls - calls).toBeLessThan(10);
  all.time.now = (circuit?.until ?? 0) + 1000;
  expect((await instances[0]?.admit(client))?.kind).toBe('admitted');
  await asking();
  const again = all.standings.standings.get('partner')?.circuit;
  expect(again?.times).toBe(2);
  expect((again?.until ?? 0) - (again?.openedAt ?? 0)).toBe(120_000);
});

test('a client at ten times its quota for ten seconds is not shut out yet, and one that waits as it was told never', async () => {
  const all = scene();
  const service = all.instance();
  expect((await drive(all, [service], { perSecond: 1000, seconds: 10 })).kinds).not.toContain('circuit-open');
  for (let n = 0; n < 3000; n += 1) {
    const admission = await service.admit(client);
    expect(admission.kind).not.toBe('circuit-open');
    if (admission.kind === 'quota-exceeded') all.time.now += admission.seconds * 1000;
  }
});

test('a client that sends nonsense and hardly anything else is shut out, one that does so now and then is not', async () => {
  const all = scene();
  const service = all.instance();
  for (let n = 0; n < 2000; n += 1) {
    all.time.now += 20;
    const { kind } = await service.admit(client);
    if (kind === 'admitted') service.answered(client, n % 3 === 0 ? 404 : 200);
    await setImmediate();
  }
  expect(all.shutOut).toEqual([]);
  all.time.now += 60_000;
  for (let n = 0; n < 1500; n += 1) {
    all.time.now += 20;
    const { kind } = await service.admit(client);
    if (kind === 'admitted') service.answered(client, 400);
    await setImmediate();
  }
  expect(all.shutOut).toEqual(['partner']);
  expect(all.standings.standings.get('partner')?.circuit?.reason).toBe('nonsense');
});

test('who may let others in again keeps its quota and is never shut out, whatever it does', async () => {
  const all = scene();
  const instances = [all.instance(), all.instance()];
  const asking = { ...client, readmits: true };
  const flood = await drive(all, instances, { perSecond: 2000, seconds: 30, asking });
  expect(flood.kinds).toEqual(new Set(['admitted', 'quota-exceeded']));
  expect(flood.admitted).toBeLessThanOrEqual(200 + 100 * 30 + 2 * 7);
  expect(all.shutOut).toEqual([]);
});

test('a client that was shut out with a smaller token gets in with the one that may let others in', async () => {
  const all = scene();
  const instance = all.instance();
  await drive(all, [instance], { perSecond: 2000, seconds: 40 });
  expect((await instance.admit(client)).kind).toBe('circuit-open');
  all.time.now += 2000;
  for (const one of [instance, all.instance()]) {
    expect((await one.admit({ ...client, readmits: true })).kind).toBe('admitted');
  }
});
