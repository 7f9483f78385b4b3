import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import { firstHome, type Home, type HomeName, homeName, homeOf } from '#shared/registry/home.ts';
import {
  arrived,
  calledBack,
  type MoveTask,
  patience,
  quiet,
  sentTo,
  taskOf,
  withDone,
} from '#shared/registry/move.ts';
import type { PresenceEvent } from '#shared/registry/presence.ts';
import { reactivated, suspended, type Vehicle } from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const north = homeName('north');
const south = homeName('south');

function active(changes: Partial<Vehicle> = {}): Vehicle {
  return aVehicle({ lifeCycle: { status: 'active', certificate: aCertificate() }, ...changes });
}

function eventFrom({ vehicleId }: Vehicle, { name, epoch }: Home, at: number): PresenceEvent {
  if (name === firstHome) return { vehicleId, kind: 'connected', at, sessionId: `s${at}`, connection: 0 };
  return { vehicleId, kind: 'connected', at, home: { name, epoch }, sequence: String(at).padStart(16, '0') };
}

/** Carries out what is to be done until there is something to wait for. */
function driven(vehicle: Vehicle, now: number): Vehicle {
  for (let seen = vehicle; ; ) {
    const task = taskOf(seen, now);
    if (task === undefined || task.kind === 'wait') return seen;
    seen = withDone(seen, task, now);
  }
}

describe('a vehicle that moves', () => {
  test('stays where it is until it has been seen in the other device cloud, and is there from then on', () => {
    const told = driven(sentTo(active(), north, undefined, 10), 10);
    expect(homeOf(told)).toEqual({ name: firstHome, epoch: 0 });
    expect(taskOf(told, 11)).toEqual({ kind: 'wait', until: 10 + patience });
    const there = arrived(told, eventFrom(told, { name: north, epoch: 1 }, 20), 20);
    expect(homeOf(there)).toEqual({ name: north, epoch: 1 });
    const settled = driven(there, 20);
    expect(taskOf(settled, 21)).toEqual({ kind: 'wait', until: 20 + quiet });
    const cleared = driven(settled, 20 + quiet);
    expect(driven(cleared, 20 + quiet + 10 * 3_600_000).home).toEqual({ name: north, epoch: 1 });
  });

  test('comes back to the first home under a new epoch, and what that home said before is no arrival', () => {
    const away = active({ home: { name: north, epoch: 1 } });
    const told = driven(sentTo(away, firstHome, undefined, 50), 50);
    const late = eventFrom(told, { name: firstHome, epoch: 0 }, 49);
    expect(arrived(told, late, 60)).toBe(told);
    expect(homeOf(arrived(told, { ...late, at: 55 }, 60))).toEqual({ name: firstHome, epoch: 2 });
  });

  test('that has not come by the deadline stays, and the next move has another epoch', () => {
    const told = driven(sentTo(active(), north, undefined, 10), 10);
    const stayed = driven(told, 10 + patience);
    const why = { reason: 'timed-out' };
    expect(stayed.home).toEqual({ name: firstHome, epoch: 0, tried: 1, stayed: { to: north, at: 10 + patience, why } });
    const again = driven(sentTo(stayed, north, undefined, 99), 99);
    expect(arrived(again, eventFrom(again, { name: north, epoch: 1 }, 100), 100)).toBe(again);
    expect(homeOf(arrived(again, eventFrom(again, { name: north, epoch: 2 }, 100), 100)).epoch).toBe(2);
  });

  test('is let in nowhere while it is suspended: the move is turned back, or what is left of the former home shut', () => {
    const told = driven(sentTo(active(), north, undefined, 10), 10);
    expect(taskOf(suspended(told, 11), 11)).toEqual({ kind: 'turn-back' });
    const event = eventFrom(told, { name: north, epoch: 1 }, 12);
    expect(arrived(suspended(told, 11), event, 12).home?.name).toBe(firstHome);
    expect(taskOf(suspended(arrived(told, event, 12), 13), 13)?.kind).toBe('part');
  });

  test('asked for twice is one; elsewhere, it is refused while it moves', () => {
    const asked = sentTo(active(), north, undefined, 10);
    expect(sentTo(asked, north, 'trip-under-way', 11)).toBe(asked);
    expect(() => sentTo(asked, south, undefined, 11)).toThrow(expect.objectContaining({ code: 'vehicle-moving' }));
    const home = active({ home: { name: north, epoch: 1 } });
    expect(sentTo(home, north, undefined, 11)).toBe(home);
  });

  test('that cannot move yet says until when', () => {
    const refused = (vehicle: Vehicle, to: HomeName) => {
      try {
        return sentTo(vehicle, to, undefined, 11);
      } catch (error) {
        return error instanceof Failure ? `${error.message} ${error.resolution}` : error;
      }
    };
    const told = driven(sentTo(active(), north, undefined, 10), 10);
    expect(refused(told, south)).toMatch(/moving to north\. Wait until it is there, or take the move back/);
    expect(refused(calledBack(told, 11), south)).toMatch(/called back from north\. Try again once/);
    const there = arrived(told, eventFrom(told, { name: north, epoch: 1 }, 11), 11);
    expect(refused(there, firstHome)).toBe(
      'The vehicle has just come from first. Move it once first has forgotten it, an hour after it came.',
    );
  });

  test.each([
    [active(), 'update-installing', 'vehicle-installing'],
    [active(), 'trip-under-way', 'vehicle-on-trip'],
    [aVehicle(), undefined, 'vehicle-expected'],
    [
      active({
        lifeCycle: {
          status: 'active',
          certificate: aCertificate(),
          next: { certificate: aCertificate({ certificateId: 'cert-2' }), reservedAt: 1, replaced: [] },
        },
      }),
      undefined,
      'certificate-changing',
    ],
  ] as const)(
    'in a state in which that is not safe is refused, and the refusal names it (%#)',
    (vehicle, obstacle, code) => {
      expect(() => sentTo(vehicle, north, obstacle, 10)).toThrow(expect.objectContaining({ kind: 'conflict', code }));
    },
  );

  test('is called back while it is under way, and not once it is there', () => {
    const told = driven(sentTo(active(), north, undefined, 10), 10);
    const back = calledBack(told, 11);
    expect(calledBack(back, 12)).toBe(back);
    expect(arrived(back, eventFrom(back, { name: north, epoch: 1 }, 12), 12)).toBe(back);
    const there = arrived(told, eventFrom(told, { name: north, epoch: 1 }, 12), 12);
    expect(() => calledBack(there, 13)).toThrow(expect.objectContaining({ code: 'vehicle-arrived' }));
  });
});

/** What device clouds hold of the vehicle: whose epoch the identity is, and whether it opens. */
type Identities = Map<string, { readonly epoch: number; readonly isOpen: boolean }>;

/** What carrying a task out does; of a later epoch than its own nothing is touched. */
function carryOut(identities: Identities, task: MoveTask): void {
  const change = ({ name, epoch }: Home, isOpen: boolean | undefined) => {
    const known = identities.get(name);
    if (known !== undefined && known.epoch > epoch) return;
    if (isOpen === undefined) identities.delete(name);
    else if (isOpen || known !== undefined) identities.set(name, { epoch, isOpen });
  };
  if (task.kind === 'prepare') change(task.to, true);
  if (task.kind === 'take-back') change(task.to, undefined);
  if (task.kind === 'part') change(task.from, false);
  if (task.kind === 'forget') change(task.from, undefined);
}

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), to: fc.constantFrom(firstHome, north, south) }),
    fc.record({ kind: fc.constant('call-back' as const) }),
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('work' as const), dies: fc.boolean() }) },
    fc.record({ kind: fc.constant('note-late' as const), which: fc.nat() }),
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('seen' as const), which: fc.nat() }) },
    fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, quiet, 3_600_000, patience) }),
    fc.record({ kind: fc.constant('shut' as const) }),
  ),
  { maxLength: 60 },
);

test('however often it is asked, interrupted, repeated and told late, its commands have one open home, and no epoch comes twice', () => {
  fc.assert(
    fc.property(steps, (story) => {
      let now = 1_000;
      let vehicle = active();
      const identities: Identities = new Map([[firstHome, { epoch: 0, isOpen: true }]]);
      const tasks: MoveTask[] = [];
      const epochs: Home[] = [homeOf(vehicle)];
      const act = (change: (seen: Vehicle) => Vehicle): void => {
        try {
          vehicle = change(vehicle);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
        }
      };
      for (const step of story) {
        now += 1;
        const before = homeOf(vehicle);
        const { move: former } = vehicle.home ?? {};
        if (step.kind === 'ask') act((seen) => sentTo(seen, step.to, undefined, now));
        if (step.kind === 'call-back') act((seen) => calledBack(seen, now));
        if (step.kind === 'wait') now += step.ms;
        if (step.kind === 'shut') {
          act((seen) => (seen.lifeCycle.status === 'active' ? suspended(seen, now) : reactivated(seen, now)));
        }
        const task = taskOf(vehicle, now);
        if (step.kind === 'work' && task !== undefined) {
          carryOut(identities, task);
          tasks.push(task);
          if (!step.dies) act((seen) => withDone(seen, task, now));
        }
        const old = step.kind === 'note-late' ? tasks[step.which % Math.max(tasks.length, 1)] : undefined;
        if (old !== undefined) act((seen) => withDone(seen, old, now));
        const home = step.kind === 'seen' ? epochs[step.which % epochs.length] : undefined;
        if (home !== undefined) act((seen) => arrived(seen, eventFrom(seen, home, now), now));

        const { move } = vehicle.home ?? {};
        if (move !== undefined && former === undefined && 'to' in move) {
          // Somebody asked just now.
          expect(Math.max(...epochs.map(({ epoch }) => epoch))).toBeLessThan(move.to.epoch);
          epochs.push(move.to);
        }
        const after = homeOf(vehicle);
        expect(after.epoch).toBeGreaterThanOrEqual(before.epoch);
        expect(after.name === before.name).toBe(after.epoch === before.epoch);
        expect(identities.get(after.name)).toEqual({ epoch: after.epoch, isOpen: true });
      }
      // Left alone, each move ends, and one identity is left.
      now += 1;
      for (let rounds = 0; vehicle.home?.move !== undefined && rounds < 12; rounds += 1) {
        const task = taskOf(vehicle, now);
        if (task === undefined) break;
        if (task.kind === 'wait') now = task.until;
        carryOut(identities, task);
        vehicle = withDone(vehicle, task, now);
      }
      expect(vehicle.home?.move).toBeUndefined();
      expect([...identities.keys()]).toEqual([homeOf(vehicle).name]);
    }),
    { numRuns: 1_000 },
  );
});
