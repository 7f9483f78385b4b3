import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { PartnerPackage } from '#shared/partners/package.ts';
import { packageIdOf } from '#shared/partners/package-id.ts';
import type { PackageRepository } from '#shared/partners/package-repository.ts';
import { aReservationId } from '../support/booking-samples.ts';
import { sampleOperator, sampleSystem } from '../support/sharing-city.ts';
import { aPersonId, aVehicleId } from './samples.ts';

const now = Date.UTC(2026, 10, 22, 8);
const { operatorId } = sampleOperator;

function aPackage(changes: Partial<PartnerPackage> = {}): PartnerPackage {
  return {
    packageId: packageIdOf('any', now, () => randomBytes(32)),
    ...{ clientId: 'sample#app', operatorId, systemId: sampleSystem.systemId, vehicleId: aVehicleId() },
    ...{ vehicleTypeId: 'e-golf', label: 'B-FL 1', offerId: 'ofr-any', travellerId: 'ada', personId: aPersonId() },
    ...{ reservationId: aReservationId(), purchasedAt: now, expiresAt: now, extensions: 0 },
    ...{ planId: 'plan', planVersion: 1, estimate: 500, currency: 'EUR', decision: { kind: 'open' } },
    ...{ told: { status: 'PENDING', leg: 'NOT_STARTED' }, toldAt: now, version: 1, ...changes },
  };
}

function next(pack: PartnerPackage, status: PartnerPackage['told']['status']): PartnerPackage {
  return { ...pack, told: { ...pack.told, status }, version: pack.version + 1 };
}

export function packageRepositoryContract(repository: () => Promise<PackageRepository>) {
  test('never are more packages open than may be, however many are bought at once', async () => {
    const packages = await repository();
    const bought = Array.from({ length: 8 }, () => aPackage());
    const round = () => Promise.all(bought.map((pack) => packages.add(pack, 3)));
    // Those who met each other ask again.
    for (let turn = 0; turn < 3; turn++) await round();
    const there = (await Promise.all(bought.map((pack) => packages.load(pack)))).filter((pack) => pack !== undefined);
    expect([there.length, await packages.open('sample#app', operatorId)]).toEqual([3, 3]);
    // Another partner's are its own.
    expect(await packages.add(aPackage({ clientId: 'other' }), 1)).toBe(true);
  });

  test('a package that is over is counted no more, once; and again where it is driven all the same', async () => {
    const packages = await repository();
    const [one, other] = [aPackage(), aPackage()];
    for (const pack of [one, other]) expect(await packages.add(pack, 2)).toBe(true);
    const open = () => packages.open(one.clientId, operatorId);
    const back = next(one, 'CANCELLED');
    const told = await Promise.all([back, { ...back, toldAt: now + 1 }].map((pack) => packages.save(pack, one)));
    expect([told.filter(Boolean).length, await open()]).toEqual([1, 1]);
    const cancelled = (await packages.load(one)) ?? back;
    const driven = next(cancelled, 'STARTED');
    expect([await packages.save(driven, cancelled), await open()]).toEqual([true, 2]);
    const ended = next(driven, 'ENDED');
    expect([await packages.save(ended, driven), await open()]).toEqual([true, 1]);
    expect([await packages.save(next(ended, 'SETTLED'), ended), await open()]).toEqual([true, 1]);
  });

  test('a package is found from its vehicle until nobody can drive it any more, however many there were before and since', async () => {
    const packages = await repository();
    const vehicleId = aVehicleId();
    const asked = { operation: 'start', at: now } as const;
    const found = async () => (await packages.ofVehicle(vehicleId)).map(({ packageId }) => packageId);
    const saved = async (pack: PartnerPackage, seen: PartnerPackage) => {
      expect(await packages.save(pack, seen)).toBe(true);
      return pack;
    };
    const bought = async (purchasedAt: number) => {
      const packageId = packageIdOf('any', purchasedAt, () => randomBytes(32));
      const pack = aPackage({ packageId, vehicleId, purchasedAt });
      expect(await packages.add(pack, 100)).toBe(true);
      return pack;
    };
    const first = await bought(now);
    const letIn = await saved({ ...first, asked, version: 2 }, first);
    // Whoever was let in before may drive all the same.
    const lapsed = await saved(next(letIn, 'CANCELLED'), letIn);
    expect(await found()).toEqual([first.packageId]);
    const others = [];
    for (let place = 1; place <= 26; place++) others.push(await bought(now + place));
    expect(await found()).toEqual([...others.toReversed(), first].map(({ packageId }) => packageId));
    // Nobody was let in for these.
    for (const other of others) await saved(next(other, 'EXPIRED'), other);
    expect(await found()).toEqual([first.packageId]);
    const driven = await saved(next(lapsed, 'STARTED'), lapsed);
    expect(await found()).toEqual([first.packageId]);
    await saved(next(driven, 'ENDED'), driven);
    expect(await found()).toEqual([]);
    // A key that is written down after its hold has lapsed was given before.
    const [newest] = others.toReversed();
    if (newest === undefined) throw new Error('no package');
    const over = next(newest, 'EXPIRED');
    await saved({ ...over, asked, version: 3 }, over);
    expect(await found()).toEqual([newest.packageId]);
  });
}
