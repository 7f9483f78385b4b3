import { expect, test } from 'vitest';
import { eventually } from '#local/tour/telling.ts';
import { isSettings } from '#shared/twins/twin.ts';
import type { TwinRepository } from '#shared/twins/twin-repository.ts';
import { aVehicleId } from './samples.ts';
import type { DeviceCloud } from './vehicle-cloud.ts';

/** The part of the port that twins are kept by. */
export function twinContract(open: () => DeviceCloud): void {
  const load = async (twin: string) => {
    const { twins, car } = open();
    const found = await twins.load(car.vehicleId, twin);
    if (found === undefined) throw new Error(`no ${twin}`);
    return found;
  };
  const patch = (twin: string, settings: Parameters<TwinRepository['patchDesired']>[2], revision?: string) =>
    open().twins.patchDesired(open().car.vehicleId, twin, settings, revision);

  test('what nobody has said anything of is not there', async () => {
    expect(await open().twins.load(open().car.vehicleId, 'nothing')).toBeUndefined();
    expect(await open().twins.load(aVehicleId(), 'nothing')).toBeUndefined();
  });

  test('a wish merges: objects by their members, lists as a whole, and a null takes away', async () => {
    expect(await patch('merged', { seat: { heat: 2, cool: 0 }, days: [1, 2], blower: 3 })).toBe(true);
    expect(await patch('merged', { seat: { heat: null, memory: { left: 1 } }, days: [5], blower: null })).toBe(true);
    expect((await load('merged')).desired).toEqual({ seat: { cool: 0, memory: { left: 1 } }, days: [5] });
    expect(await patch('merged', null)).toBe(true);
    expect(await load('merged')).toMatchObject({ desired: {}, reported: {} });
  });

  test('each value has the instant at which it was wished or reported', async () => {
    const { clock, car } = open();
    const before = clock.now();
    await patch('dated', { seat: { heat: 2 }, blower: 3 });
    await car.report('dated', { blower: 1 });
    const { desiredAt, reportedAt, reported } = await load('dated');
    expect(reported).toEqual({ blower: 1 });
    const instants = [desiredAt['blower'], reportedAt['blower']];
    if (isSettings(desiredAt['seat'])) instants.push(desiredAt['seat']['heat']);
    expect(instants).toHaveLength(3);
    // In whole seconds, where a device cloud counts so.
    for (const instant of instants) {
      expect(instant).toBeGreaterThan(before - 1_000);
      expect(instant).toBeLessThanOrEqual(clock.now());
    }
  });

  test('a wish that was made of something else changes nothing; what happens in other twins is no hindrance', async () => {
    const { car, differs } = open();
    await patch('revised', { blower: 1 });
    const { revision } = await load('revised');
    await patch('beside', { limit: 80 });
    await car.report('beside', { limit: 80 });
    expect(await patch('revised', { blower: 2 }, revision)).toBe(true);
    expect(await patch('revised', { blower: 3 }, revision)).toBe(false);
    const seen = await load('revised');
    expect(seen.desired).toEqual({ blower: 2 });
    await car.report('revised', { blower: 2 });
    expect((await load('revised')).revision !== seen.revision).toBe(differs.reportsMoveRevisions);
    expect(await patch('revised', { blower: 4 }, (await load('revised')).revision)).toBe(true);
  });

  test('of two who write at once on what both have seen one wins, and no wish is lost unseen', async () => {
    await patch('contended', { blower: 0 });
    const { revision } = await load('contended');
    const done = await Promise.all([1, 2].map((blower) => patch('contended', { blower }, revision)));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect((await load('contended')).desired).toEqual({ blower: done.indexOf(true) + 1 });
    await Promise.all(['left', 'right'].map((side) => untilTaken(() => patch('contended', { [side]: 1 }))));
    expect((await load('contended')).desired).toMatchObject({ left: 1, right: 1 });
  });

  test.each([
    ['too deep', { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }, 'twin-not-acceptable'],
    ['a strange name', { 'seat.left': 1 }, 'twin-not-acceptable'],
    ['a list with a hole', { days: [1, null] }, 'twin-not-acceptable'],
    ['too long a text', { note: 'x'.repeat(5_000) }, 'twin-not-acceptable'],
    ['too much at once', { one: 'x'.repeat(4_000), two: 'y'.repeat(4_000), three: 'z'.repeat(400) }, 'twin-too-large'],
    ['too much together with what is there', { more: 'y'.repeat(4_000) }, 'twin-too-large'],
  ])('%s is the same failure everywhere, and changes nothing', async (title, settings, code) => {
    const twin = title.replaceAll(' ', '-');
    const there = { one: 'x'.repeat(4_000), small: { size: 'x'.repeat(200) } };
    await patch(twin, there);
    await expect(patch(twin, settings)).rejects.toMatchObject({ code });
    expect((await load(twin)).desired).toEqual(there);
    // Each twin counts for itself, and all of them for the vehicle.
    await patch(twin, null);
  });

  test('a vehicle that is not known there is not provisioned, or the wish waits for it', async () => {
    const { twins, differs } = open();
    const stranger = aVehicleId();
    const asked = twins.patchDesired(stranger, 'climate', { blower: 1 });
    if (!differs.takesStrangers) {
      await expect(asked).rejects.toMatchObject({ kind: 'conflict', code: 'vehicle-not-provisioned' });
    } else expect(await asked).toBe(true);
    expect((await twins.load(stranger, 'climate'))?.desired).toEqual(
      differs.takesStrangers ? { blower: 1 } : undefined,
    );
  });

  test('what the platform shows twice is shown once, and late only where the caller keeps the order', async () => {
    const { twins, car, differs } = open();
    const offers = async () => (await load('shown')).desired['offer'];
    const show = (id: number) => twins.show(car.vehicleId, 'shown', [{ offer: null }, { offer: { id } }], id);
    for (const id of [2, 2]) await show(id);
    expect(await offers()).toEqual({ id: 2 });
    await show(1);
    expect(await offers()).toEqual({ id: differs.numbersWhatIsShown ? 2 : 1 });
    await show(3);
    expect(await offers()).toEqual({ id: 3 });
  });
}

/** A device cloud may ask one of two to come again. */
async function untilTaken(write: () => Promise<unknown>): Promise<void> {
  await eventually(
    'taken',
    () =>
      write().then(
        () => undefined,
        (error: unknown) => error,
      ),
    (refused) => refused === undefined,
  );
}
