import { describe, expect, test } from 'vitest';
import { cuts } from '#device-sdk/ota/simulated/faulty-disk.ts';
import { CarOnDisks, type Disks, keyOf, made } from './car-on-disks.ts';

const installed = 'installed, safe, mobile: runs 2.0.0, boots 2.0.0, from 2';
const backAgain = 'failed, safe, mobile: runs 1.0.0, boots 1.0.0, from 1';

/**
 * Every write of an installation is the last one before the power goes, as lost, torn, kept and reordered; then every
 * write of the recovery, of the recovery from that, and so on, until the disks hold nothing that was not seen.
 */
async function explore(prepare: (car: CarOnDisks) => void) {
  const begun = await made();
  const seen = new Set([keyOf(begun)]);
  const open: Disks[] = [begun];
  const ends = new Set<string>();
  const reported = new Set<string>();
  let writes = 0;
  for (let disks = open.pop(); disks !== undefined; disks = open.pop()) {
    const car = new CarOnDisks(disks);
    prepare(car);
    car.host = { ...car.host, after: () => () => {} };
    car.power.onWrite = (disk) => {
      writes += 1;
      for (const cut of cuts) {
        const left = car.power.after(cut, disk);
        const key = keyOf(left);
        if (seen.has(key)) continue;
        seen.add(key);
        open.push(left);
      }
    };
    // Each unit starts from one of its slots, or this throws.
    await car.powerOn();
    const view = await car.view();
    if (/(runs|boots) \S*\+/.test(view)) expect(view).toContain('immobilised');
    await car.goOn();
    ends.add(await car.view());
    for (const { status } of car.reports) reported.add(status);
  }
  return { ends: [...ends], reported: [...reported], situations: seen.size, writes };
}

describe('1. Power loss at every single write of an install: one slot boots, the install resumes, it reports once', () => {
  test('an install that succeeds ends with the whole new set, however often and wherever the power goes', async () => {
    const { ends, reported, situations, writes } = await explore(() => {});
    expect(ends).toEqual([installed]);
    expect(reported).toEqual(['installed']);
    expect(situations).toBeGreaterThan(15);
    expect(writes).toBeGreaterThan(500);
  });

  test('an install that finds one unit unhealthy ends with the whole old set', async () => {
    const { ends, reported } = await explore((car) =>
      car.misbehave('telematics', { on: 'health', how: 'fail', version: '2.0.0' }),
    );
    expect(ends).toEqual([backAgain]);
    expect(reported).toEqual(['failed']);
  });

  test('an install whose last unit does not come up ends with the whole old set', async () => {
    const { ends, reported } = await explore((car) =>
      car.misbehave('infotainment', { on: 'boot', how: 'fail', version: '2.0.0' }),
    );
    expect(ends).toEqual([backAgain]);
    expect(reported).toEqual(['failed']);
  });

  test('the first cut at each write, with nothing taken for equal, leaves a car that ends with one set', async () => {
    for (const [prepare, end] of [
      [() => {}, installed],
      [(car: CarOnDisks) => car.misbehave('airbag', { on: 'health', how: 'fail', version: '2.0.0' }), backAgain],
    ] as const) {
      const left: Disks[] = [];
      const car = new CarOnDisks(await made());
      prepare(car);
      car.power.onWrite = (disk) => left.push(...cuts.map((cut) => car.power.after(cut, disk)));
      await car.powerOn();
      await car.goOn();
      expect(left.length).toBeGreaterThan(4 * 4 * 16);
      for (const disks of left) {
        const again = new CarOnDisks(disks);
        prepare(again);
        await again.powerOn();
        await again.goOn();
        expect(await again.view()).toBe(end);
      }
    }
  });
});
