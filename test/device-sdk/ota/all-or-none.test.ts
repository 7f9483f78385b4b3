import { beforeAll, describe, expect, test } from 'vitest';
import { thisHost } from '#device-sdk/host.ts';
import { begin } from '#device-sdk/ota/installation/begin.ts';
import type { Misbehaviour } from '#device-sdk/ota/simulated/misbehaviour.ts';
import type { Conditions } from '#device-sdk/ota/vehicle-body.ts';
import { CarOnDisks, type Disks, ecuIds, made, update } from './car-on-disks.ts';

const installed = 'installed, safe, mobile: runs 2.0.0, boots 2.0.0, from 2';
const backAgain = 'failed, safe, mobile: runs 1.0.0, boots 1.0.0, from 1';

/** What hangs is given up at once; the set time is long. */
const impatient = { ...thisHost, after: (ms: number, fire: () => void) => thisHost.after(ms > 600_000 ? ms : 1, fire) };

let begun: Disks = [];
beforeAll(async () => {
  begun = await made();
});

async function carThat(prepare: (car: CarOnDisks) => void): Promise<CarOnDisks> {
  const car = new CarOnDisks(begun);
  car.host = impatient;
  await car.powerOn();
  prepare(car);
  return car;
}

describe('5. One of N ECUs fails: all go back together, or the car says "unsafe to drive"; never a mixed success', () => {
  const calls = ['inspect', 'erase', 'write', 'seal', 'switchTo', 'boot', 'health', 'commit'] as const;
  const manners = ['fail', 'hang', 'lie'] as const;
  const oddities = ecuIds.flatMap((ecuId) =>
    calls.flatMap((on) => manners.map((how): [typeof ecuId, Misbehaviour] => [ecuId, { on, how }])),
  );

  test('whichever unit refuses, hangs or lies, at whatever it is asked', async () => {
    const ends = new Map<string, string[]>();
    for (const [ecuId, { on, how }] of oddities) {
      const car = await carThat((it) => it.misbehave(ecuId, { on, how, version: '2.0.0' }, { on, how, times: 50 }));
      await car.goOn();
      for (const ecu of car.ecus.values()) ecu.misbehaviours.clear();
      const view = await car.view();
      ends.set(view, [...(ends.get(view) ?? []), `${ecuId} ${on} ${how}`]);
      const isMixed = /(runs|boots) \S*\+/.test(view);
      if (isMixed) expect(view).toMatch(/^failed, unsafe, immobilised/);
      if (view.startsWith('installed')) expect(view).toBe(installed);
      expect(car.reports).toHaveLength(1);
    }
    // Each kind of end is met, so that the sentence above is about something.
    expect([...ends.keys()].map((view) => view.split(',').slice(0, 2).join()).sort()).toEqual(
      expect.arrayContaining(['failed, safe', 'failed, unsafe', 'installed, safe']),
    );
  });

  test.for(['write', 'seal', 'switchTo', 'boot', 'health'] as const)(
    'one that fails at %s with the new software leaves the old set, and is named',
    async (on) => {
      const car = await carThat((it) => it.misbehave('airbag', { on, how: 'fail', version: '2.0.0' }));
      if (on === 'write') car.misbehave('airbag', { on, how: 'fail' });
      const ended = await car.goOn();
      expect(await car.view()).toBe(backAgain);
      expect(ended).toMatchObject({ status: 'failed', safe: true, failure: { ecuId: 'airbag' } });
    },
  );

  test('one that fails once is asked again', async () => {
    for (const on of ['inspect', 'erase', 'write', 'seal', 'switchTo', 'commit'] as const) {
      const car = await carThat((it) => it.misbehave('engine', { on, how: 'fail', times: 1 }));
      await car.goOn();
      expect(await car.view()).toBe(installed);
    }
  });

  test('one that comes up neither new nor old makes the car say so, and stay where it is', async () => {
    const car = await carThat((it) =>
      it.misbehave(
        'engine',
        { on: 'health', how: 'fail', version: '2.0.0' },
        { on: 'switchTo', how: 'fail', version: '1.0.0' },
      ),
    );
    const ended = await car.goOn();
    expect(ended).toMatchObject({ status: 'failed', safe: false, failure: { error: 'unrecovered', ecuId: 'engine' } });
    expect(await car.view()).toBe('failed, unsafe, immobilised: runs 2.0.0+1.0.0, boots 2.0.0+1.0.0, from 1');
  });

  test('what says that it holds the new software and does not, is found out', async () => {
    for (const on of ['seal', 'switchTo', 'boot'] as const) {
      const car = await carThat((it) => it.misbehave('telematics', { on, how: 'lie', version: '2.0.0' }));
      if (on === 'seal') car.misbehave('telematics', { on: 'write', how: 'lie' });
      await car.goOn();
      expect(await car.view()).toBe(backAgain);
    }
  });
});

describe('2. Boot loop: the car rolls back, marks that version bad, does not try it again', () => {
  test('the boot loader gives it up, all units go back, and the unit that looped is named', async () => {
    const car = await carThat((it) => it.misbehave('infotainment', { on: 'boot', how: 'fail', version: '2.0.0' }));
    const ended = await car.goOn();
    expect(await car.view()).toBe(backAgain);
    expect(ended).toMatchObject({ failure: { error: 'health', ecuId: 'infotainment' } });
  });
});

describe('6. An ECU is swapped, added or missing in mid-campaign', () => {
  const circumstances = { bad: [], now: 0, minutes: 20, limit: 1_200_000, safe: true };

  test('before the install: what is not for the units on board is not begun', async () => {
    const states = await (await carThat(() => {})).states();
    const airbag = states.get('airbag');
    if (airbag === undefined) throw new Error('no airbag');
    const swapped = new Map(states).set('airbag', { ...airbag, hardwareId: 'airbag-2' });
    expect(begin(update, { ...circumstances, ecus: swapped })).toMatchObject({
      error: 'incompatible',
      ecuId: 'airbag',
    });
    const missing = new Map(states);
    missing.delete('airbag');
    expect(begin(update, { ...circumstances, ecus: missing })).toMatchObject({
      error: 'incompatible',
      ecuId: 'airbag',
    });
    // One more is none of its business.
    const added = new Map(states).set('trailer', { ...airbag, hardwareId: 'trailer-1' });
    expect(begin(update, { ...circumstances, ecus: added })).toMatchObject({ status: 'writing' });
  });

  test('during the install: the others go back, the stranger is left as it is', async () => {
    const car = await carThat(() => {});
    const stranger = car.ecus.get('engine');
    const inspect = stranger?.inspect.bind(stranger);
    if (stranger === undefined || inspect === undefined) throw new Error('no engine');
    stranger.inspect = async () => ({ ...(await inspect()), serialNumber: 'engine-0002' });
    const ended = await car.goOn();
    expect(ended).toMatchObject({ status: 'failed', safe: true, failure: { error: 'incompatible', ecuId: 'engine' } });
    expect(await car.view()).toBe(backAgain);
  });
});

describe('7. Ignition, battery or movement breaks a precondition during the 20 minutes', () => {
  const changes: Partial<Conditions>[] = [{ ignitionOn: true }, { battery: 40 }, { parked: false }];

  test('at whichever write: before the set is whole all units go back, afterwards all stay', async () => {
    const ends = new Set<string>();
    for (const change of changes) {
      const whole = await carThat(() => {});
      await whole.goOn();
      for (let at = 1; at <= whole.power.writes; at += 3) {
        const car = await carThat((it) => {
          it.power.onWrite = () => {
            if (it.power.writes === at) it.body.set(change);
          };
        });
        const ended = await car.goOn();
        ends.add(await car.view());
        if (ended?.status === 'failed') expect(ended.failure.error).toBe('precondition');
      }
    }
    expect([...ends].sort()).toEqual([backAgain, installed]);
  });

  test('what takes longer than it may goes back', async () => {
    const car = await carThat((it) => {
      it.host = { ...thisHost, after: (ms, fire) => thisHost.after(ms > 600_000 ? 1 : ms, fire) };
      it.misbehave('engine', { on: 'health', how: 'hang', version: '2.0.0', times: 1 });
    });
    const ended = await car.goOn();
    expect(ended).toMatchObject({ safe: true, failure: { detail: 'The installation took longer than it may.' } });
    expect(await car.view()).toBe(backAgain);
  });

  test('a clock that a loss of power has set back gives no more time', async () => {
    const car = await carThat((it) => {
      it.now = 1000;
    });
    await car.goOn();
    expect(await car.view()).toBe(backAgain);
  });

  test('without energy for going on and going back nothing is begun', async () => {
    const car = await carThat((it) => {
      it.body.energyMinutes = 30;
    });
    const ended = await car.goOn();
    expect(ended).toMatchObject({ status: 'failed', safe: true, failure: { error: 'power' } });
    expect(await car.view()).toBe(backAgain);
  });
});
