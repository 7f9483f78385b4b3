import { beforeAll, expect, test } from 'vitest';
import type { WishCopies } from '#shared/registry/move-ports.ts';
import { aVehicleId } from './samples.ts';

/** What everything promises that keeps what a move has copied. */
export function wishCopiesContract(make: () => Promise<WishCopies>): void {
  let copies: WishCopies;
  beforeAll(async () => {
    copies = await make();
  });

  test('what was copied comes back by twin and move, and the last word stays', async () => {
    const vehicleId = aVehicleId();
    const settings = { '': { degrees: 21.5, seats: [1, null, ''] } };
    await copies.save(vehicleId, 1, 'comfort', { settings: {}, at: 1, pending: [settings] });
    await copies.save(vehicleId, 1, 'comfort', { settings, at: 2 });
    await copies.save(vehicleId, 1, 'a:b', { settings: {}, at: 3, pending: [settings] });
    await copies.save(vehicleId, 10, 'other', { settings, at: 4 });
    expect(await copies.load(vehicleId, 1)).toEqual(
      new Map([
        ['a:b', { settings: {}, at: 3, pending: [settings] }],
        ['comfort', { settings, at: 2 }],
      ]),
    );
  });

  test('what one move has copied is cleared, also twice, and that of another stays', async () => {
    const vehicleId = aVehicleId();
    for (const epoch of [1, 10]) await copies.save(vehicleId, epoch, 'comfort', { settings: {}, at: epoch });
    await copies.clear(vehicleId, 1);
    await copies.clear(vehicleId, 1);
    expect((await copies.load(vehicleId, 1)).size).toBe(0);
    expect((await copies.load(vehicleId, 10)).size).toBe(1);
  });
}
