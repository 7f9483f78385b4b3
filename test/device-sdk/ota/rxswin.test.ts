import { afterEach, expect, test } from 'vitest';
import { InvalidInventory } from '#device-sdk/inventory.ts';
import { until } from '../test-cloud.ts';
import { closeVehicles, offerOf, onTheRoad } from './update-cloud.ts';

afterEach(closeVehicles);

const factory = { 'UN R79': 'R79 A1', 'UN R100': 'R100 A1' };
const steps = { 'UN R79': { before: 'R79 A1', after: 'R79 B7' } };

async function updated(change: { readonly rxswins: typeof steps }, unhealthy?: string, said: string[] = []) {
  const road = await onTheRoad(['gateway', 'steering'], { rxswins: factory });
  const { updates, vehicle, vehicleId } = road;
  if (unhealthy !== undefined) road.ecu(unhealthy).misbehave({ on: 'health', how: 'fail', version: '2.0.0' });
  vehicle.updates?.onResult((_, shown) => void said.push(shown));
  updates.update = { ...updates.update, ...change };
  updates.offer(vehicleId, offerOf());
  await until(() => vehicle.updates?.available !== undefined, 'the offer');
  vehicle.updates?.accept();
  updates.releaseTo(vehicleId);
  const [result] = await until(() => updates.results().length > 0 && updates.results(), 'the result');
  return { ...road, result };
}

test('an RXSWIN changes with a healthy installation whose signed metadata say so, and the others stay', async () => {
  const { vehicle, cloud, result, life } = await updated({ rxswins: steps });
  const after = { 'UN R79': 'R79 B7', 'UN R100': 'R100 A1' };
  expect(result?.outcome).toBe('installed');
  expect(vehicle.updates?.rxswins).toEqual(after);
  await until(() => cloud.inventories.at(-1)?.rxswins?.['UN R79'] === 'R79 B7', 'the inventory');
  expect(result?.statement).toMatchObject({ signed: { before: { rxswins: factory }, after: { rxswins: after } } });
  await vehicle.close();
  expect(life().updates?.rxswins).toEqual(after);
});

test('an installation that falls back leaves each RXSWIN as it was', async () => {
  const { vehicle, result } = await updated({ rxswins: steps }, 'steering');
  expect(result).toMatchObject({ outcome: 'failed', error: 'health' });
  expect(vehicle.updates?.rxswins).toEqual(factory);
  expect(result?.statement).toMatchObject({ signed: { before: { rxswins: factory }, after: { rxswins: factory } } });
});

test('an update that was approved for another RXSWIN than the vehicle has is not begun', async () => {
  const { versions, vehicle, result } = await updated({
    rxswins: { 'UN R79': { before: 'R79 A9', after: 'R79 B7' } },
  });
  expect(result).toMatchObject({ outcome: 'failed', error: 'incompatible', safety: 'safe' });
  expect(await versions()).toBe('1.0.0');
  expect(vehicle.updates?.rxswins).toEqual(factory);
});

test('nobody sets an RXSWIN by hand: not in the inventory, nor with what the vehicle is opened with', async () => {
  const { vehicle, cloud } = await updated({ rxswins: steps });
  const said = { softwareVersion: '2.0.0', ecus: [] };
  const forged = vehicle.inventory.report({ ...said, rxswins: { 'UN R79': 'R79 Z9' } });
  await expect(forged).rejects.toThrow(InvalidInventory);
  await expect(vehicle.inventory.report({ ...said, rxswins: { 'UN R13': 'R13 A1' } })).rejects.toThrow('UN R13');
  const before = cloud.inventories.length;
  await vehicle.inventory.report(said);
  const told = await until(() => cloud.inventories[before], 'the inventory');
  expect(told.rxswins).toEqual({ 'UN R79': 'R79 B7', 'UN R100': 'R100 A1' });
});

test('the vehicle states what it ran, checked, was allowed and showed', async () => {
  const said: string[] = [];
  const { result } = await updated({ rxswins: steps }, undefined, said);
  expect(said).toEqual(['The update is done: your vehicle has software 2.0.0.']);
  expect(result?.statement).toMatchObject({
    signed: {
      outcome: 'installed',
      before: { softwareVersion: '1.0.0', ecus: [{ ecuId: 'gateway', softwareVersion: '1.0.0' }, {}] },
      after: { softwareVersion: '2.0.0', ecus: [{ ecuId: 'gateway', softwareVersion: '2.0.0' }, {}] },
      checked: { conditions: { parked: true, ignitionOn: false }, preconditions: offerOf().preconditions },
      consent: { revision: 1, language: 'en' },
      shown: { language: 'en', text: said[0] },
    },
  });
});
