import { expect, test } from 'vitest';
import { newP256Key, p256Signer } from '#device-sdk/sharing/p256.ts';
import { verifyP256 } from '#functions/adapters/node-crypto/p256.ts';
import { base64url, base64urlBytes } from '#shared/kernel/base64url.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { isSignedBy } from '#shared/sharing/keys/cose-sign1.ts';
import { readStatement } from '#shared/sharing/keys/key-statement.ts';
import { type StatementCall, StatementService } from '#shared/sharing/keys/statement-service.ts';
import type { SharingDesired } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { aBookedVehicle, anAssignment, now } from '../../../support/booking-samples.ts';
import { sampleSystem, sampleZones } from '../../../support/sharing-city.ts';

const signer = p256Signer(newP256Key().privateKeyPem);
const key = { kid: signer.kid, spki: base64url(signer.spki) };

function world(first: Partial<BookedVehicle>) {
  const vehicleId = aVehicleId();
  const state = { vehicle: aBookedVehicle({ vehicleId, ...first }), zones: sampleZones };
  const shown: SharingDesired[] = [];
  const calls: StatementCall[] = [];
  const beforeShown = { run: () => {} };
  const statements = new StatementService({
    bookings: { vehicle: async () => state.vehicle },
    setup: {
      system: async () => sampleSystem,
      zones: async () => state.zones,
      vehicles: async (_, { from }) => (from === undefined ? { items: [], next: 'second' } : { items: [] }),
    },
    issuer: async () => ({ key, signer }),
    board: {
      async show(_, desired) {
        beforeShown.run();
        shown.push(desired);
      },
    },
    calls: { call: async (call) => void calls.push(call) },
    clock: { now: () => now },
  });
  const said = () => shown.map(({ statement }) => readStatement(base64urlBytes(statement) ?? new Uint8Array()));
  return { vehicleId, state, statements, shown, calls, beforeShown, said };
}

test('a vehicle is told, signed, which fence is the lowest: the holder’s, or the next one’s', async () => {
  const { vehicleId, state, statements, shown, said } = world({ fence: 4, version: 9 });
  await statements.renew(vehicleId);
  const [free] = said();
  expect(free?.content).toMatchObject({
    ...{ vehicleId, minimumFence: 5, systemId: sampleSystem.systemId, minimumCharge: 15, zonesVersion: 1 },
    issuedAt: now,
  });
  expect(shown[0]?.issuer).toEqual(key);
  if (free !== undefined) expect(isSignedBy(signer.spki, verifyP256, free)).toBe(true);
  state.vehicle = { ...state.vehicle, fence: 5, version: 10, assignment: anAssignment() };
  await statements.renew(vehicleId);
  expect(said()[1]?.content.minimumFence).toBe(5);
});

test('each statement has a higher version than those before it, whether the booking or the zones have changed', async () => {
  const { vehicleId, state, statements, said } = world({ version: 9 });
  await statements.renew(vehicleId);
  state.zones = { ...sampleZones, version: 2 };
  await statements.renew(vehicleId);
  state.vehicle = { ...state.vehicle, version: 10 };
  await statements.renew(vehicleId);
  const versions = said().map(({ content }) => content.version);
  expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
});

test('of two who sign at once none leaves the older statement standing', async () => {
  const { vehicleId, state, statements, beforeShown, said } = world({ fence: 4, version: 9 });
  // Somebody else has released the vehicle, and shown it, between our look and our showing.
  beforeShown.run = () => {
    beforeShown.run = () => {};
    state.vehicle = { ...state.vehicle, fence: 6, version: 12 };
  };
  await statements.renew(vehicleId);
  expect(said().map(({ content }) => content.minimumFence)).toEqual([5, 7]);
});

test('zones that are set while a statement is signed are named by the last one shown', async () => {
  const { vehicleId, state, statements, beforeShown, said } = world({ fence: 4, version: 9 });
  beforeShown.run = () => {
    beforeShown.run = () => {};
    state.zones = { ...sampleZones, version: 2 };
  };
  await statements.renew(vehicleId);
  expect(said().map(({ content }) => content.zonesVersion)).toEqual([1, 2]);
});

test('the vehicles of a city are called page by page', async () => {
  const { statements, calls } = world({});
  await statements.serve({ kind: 'city', systemId: sampleSystem.systemId });
  expect(calls).toEqual([{ kind: 'city', systemId: sampleSystem.systemId, after: 'second' }]);
});
