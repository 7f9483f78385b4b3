import { expect, test } from 'vitest';
import { cellAt } from '#shared/sharing/field/cell.ts';
import type { DemandBook } from '#shared/sharing/field/demand.ts';
import type { FigureBook } from '#shared/sharing/field/figure-book.ts';
import { done, type Task, taken, withdrawn } from '#shared/sharing/field/task.ts';
import { taskIdOf } from '#shared/sharing/field/task-id.ts';
import { newTask } from '#shared/sharing/field/task-order.ts';
import type { TaskRepository } from '#shared/sharing/field/task-repository.ts';
import { newWatch } from '#shared/sharing/field/watch.ts';
import { aBookedVehicle } from '../support/booking-samples.ts';
import { sampleOperator, sampleSystem, systemId as systemNamed } from '../support/sharing-city.ts';
import { aVehicleId } from './samples.ts';

const { systemId } = sampleSystem;
const hour = Date.UTC(2026, 10, 22, 8);
const crew = { clientId: 'crews', name: 'North' };

function aTask(occasion = 1, vehicleId: string = aVehicleId()): Task {
  const ids = { taskId: taskIdOf('damage', vehicleId, occasion), vehicleId, systemId };
  const more = { why: 'damage', note: 'Mirror', to: { latitude: 52.5, longitude: 13.4 }, endsWithTrip: true } as const;
  const back = { bringsBack: 'maintenance' } as const;
  return newTask({ ...ids, operatorId: sampleOperator.operatorId, kind: 'inspect', ...more, ...back }, hour);
}

export function taskRepositoryContract(tasks: () => Promise<TaskRepository>) {
  test('a task is raised once, is found by city and vehicle while it is to be done, and once only is it somebody’s', async () => {
    const repository = await tasks();
    const task = aTask();
    expect(await repository.save(task, undefined)).toBe(true);
    expect(await repository.save({ ...task, raisedAt: 1 }, undefined)).toBe(false);
    expect(await repository.load(task.taskId)).toEqual(task);
    const crews = ['North', 'South', 'East'].map((name) => taken(task, { clientId: 'crews', name }, hour));
    const saved = await Promise.all(crews.map((next) => repository.save(next, task)));
    expect(saved.filter(Boolean)).toHaveLength(1);
    const mine = await repository.load(task.taskId);
    expect([await repository.live(systemId), await repository.ofVehicle(task.vehicleId)]).toEqual([[mine], [mine]]);
    expect(await repository.live(systemNamed('elsewhere'))).toEqual([]);
  });

  test('what is over is found among what is over alone, the last one first, and is raised no more', async () => {
    const repository = await tasks();
    const [first, second] = [aTask(1), aTask(2)];
    for (const task of [first, second]) await repository.save(task, undefined);
    const had = taken(first, crew, hour);
    await repository.save(had, first);
    const over = done(had, crew, hour + 1);
    const gone = withdrawn(second, 'no-longer-needed', hour + 3_600_000);
    if (over === undefined || gone === undefined) throw new Error('not over');
    expect([await repository.save(over, had), await repository.save(gone, second)]).toEqual([true, true]);
    expect(await repository.save(first, undefined)).toBe(false);
    expect([await repository.live(systemId), await repository.ofVehicle(first.vehicleId)]).toEqual([[], []]);
    const page = await repository.over(systemId, { limit: 1 });
    expect(page.items).toEqual([gone]);
    const next = await repository.over(systemId, { limit: 5, from: page.next ?? '' });
    expect(next.items).toEqual([over]);
  });
}

export function figureBookContract(book: () => Promise<FigureBook>) {
  test('what is counted counts together with the item that says so, or not at all', async () => {
    const figures = await book();
    const vehicle = aBookedVehicle();
    const watch = { ...newWatch(vehicle, hour), use: 'available' as const, version: 1 };
    const counts = [
      { hour, zoneId: 'home', tally: { available: 1_000, idles: 1 } },
      { hour: hour + 3_600_000, tally: { available: 7 } },
    ];
    expect(await figures.saveWatch(watch, undefined, counts)).toBe(true);
    expect(await figures.saveWatch(watch, undefined, counts)).toBe(false);
    expect(await figures.watch(systemId, vehicle.vehicleId)).toEqual(watch);
    const { use: _, ...unused } = watch;
    const next = { ...unused, zoneId: 'home', freeSince: hour, version: 2 };
    expect(await figures.saveWatch(next, { ...watch, version: 9 }, counts)).toBe(false);
    expect(await figures.saveWatch(next, watch, counts.slice(0, 1))).toBe(true);
    expect(await figures.counts(systemId, hour, hour + 3_600_000)).toEqual([
      { hour, zoneId: 'home', tally: { available: 2_000, idles: 2 } },
    ]);
    expect(await figures.counts(systemId, hour + 1, hour + 7_200_000)).toEqual(counts.slice(1));
    expect(await figures.watches(systemId)).toEqual([next]);
    expect([await figures.removeWatch(watch), await figures.removeWatch(next)]).toEqual([false, true]);
  });

  test('a trip counts once, and what becomes of it later instead of what it was', async () => {
    const figures = await book();
    const tally = { trips: 1, tripTime: 60_000, metres: 900, gross: 500, net: 420, refunded: 0 };
    const trip = { vehicleId: aVehicleId(), fence: 3, systemId, startedAt: hour + 5, tripVersion: 4, hour, tally };
    const again = await Promise.all([1, 2].map(() => figures.saveTrip(trip, undefined, [{ hour, tally }])));
    expect(again.filter(Boolean)).toHaveLength(1);
    expect(await figures.trip(trip)).toEqual(trip);
    const later = { ...trip, tripVersion: 6, tally: { ...tally, refunded: 100 } };
    expect(await figures.saveTrip(later, trip, [{ hour, tally: { refunded: 100 } }])).toBe(true);
    expect(await figures.saveTrip(later, trip, [{ hour, tally: { refunded: 100 } }])).toBe(false);
    expect(await figures.counts(systemId, hour, hour + 1)).toEqual([{ hour, tally: later.tally }]);
  });
}

export function demandBookContract(book: () => Promise<DemandBook>) {
  test('searches in vain are counted by hour, cell and kind', async () => {
    const demand = await book();
    const cell = cellAt({ latitude: 52.5, longitude: 13.4 });
    const one = { hour, cell, wanted: 'car' as const };
    await Promise.all([one, one, { ...one, wanted: 'any' as const }].map((count) => demand.note(systemId, count)));
    await demand.note(systemId, { ...one, hour: hour + 3_600_000 });
    expect(await demand.unmet(systemId, hour, hour + 3_600_000)).toEqual([
      { ...one, wanted: 'any', searches: 1 },
      { ...one, searches: 2 },
    ]);
  });
}
