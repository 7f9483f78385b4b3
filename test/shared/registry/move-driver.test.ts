import { describe, expect, test } from 'vitest';
import { firstHome, homeOf } from '#shared/registry/home.ts';
import { type MoveCall, MoveDriver } from '#shared/registry/move-driver.ts';
import { MoveWorker } from '#shared/registry/move-worker.ts';
import { elsewhere, MovingScene } from '../../support/moving-scene.ts';

const quarter = 15 * 60_000;

/** A scene in which the worker is called by the queue and by nothing else; whatever changes the vehicle calls it. */
class DrivenScene extends MovingScene {
  queue: { readonly call: MoveCall; readonly at: number }[] = [];
  /** How often each message comes. */
  deliveries = 1;
  visits = 0;
  readonly driver: MoveDriver;

  constructor() {
    super();
    const { load, save } = this.workerPorts.vehicles;
    const saving = async (...[vehicle, seen]: Parameters<typeof save>) => {
      const isSaved = await save(vehicle, seen);
      if (isSaved) this.kick();
      return isSaved;
    };
    const worker = new MoveWorker({ ...this.workerPorts, vehicles: { load, save: saving } });
    this.driver = new MoveDriver({
      vehicles: { load },
      worker: {
        goOn: (vehicleId) => {
          this.visits += 1;
          return worker.goOn(vehicleId);
        },
      },
      calls: {
        call: async (call, at, now) => void this.queue.push({ call, at: Math.min(at, now + quarter) }),
      },
      clock: { now: () => this.now },
    });
  }

  kick(): void {
    const { vehicleId, version, home } = this.vehicle;
    if (home?.move !== undefined) this.queue.push({ call: { vehicleId, version }, at: this.now });
  }

  override send(...[to]: Parameters<MovingScene['send']>): void {
    super.send(to);
    this.kick();
  }

  /** Everything that is due now. */
  async deliver(): Promise<readonly string[]> {
    const due = this.queue.filter(({ at }) => at <= this.now);
    this.queue = this.queue.filter(({ at }) => at > this.now);
    const outcomes: string[] = [];
    for (const { call } of due) {
      for (let delivery = 0; delivery < this.deliveries; delivery += 1) outcomes.push(await this.driver.drive(call));
    }
    return outcomes;
  }

  /** Until nothing is left in the queue. @returns how many messages were in it at the most */
  async drain(): Promise<number> {
    let most = 0;
    for (let messages = 0; this.queue.length > 0; messages += 1) {
      if (messages > 1_000) throw new Error('The calls have no end');
      most = Math.max(most, this.queue.length);
      this.now = Math.max(this.now, Math.min(...this.queue.map(({ at }) => at)));
      await this.deliver();
    }
    return most;
  }
}

/** So that nothing but the queue calls the worker, the vehicle lives by hand. */
async function arrived(scene: DrivenScene): Promise<void> {
  scene.send(elsewhere);
  for (let moments = 0; homeOf(scene.vehicle).name !== elsewhere && moments < 10; moments += 1) {
    await scene.deliver();
    await scene.moment();
    scene.kick();
  }
}

describe('the calls that carry a move on', () => {
  test('carry it to its end, and end with it', async () => {
    const scene = new DrivenScene();
    await scene.moment();
    await arrived(scene);
    await scene.drain();
    expect(scene.vehicle.home).toEqual({ name: elsewhere, epoch: 1 });
    expect(scene.clouds[0]?.identity).toBeUndefined();
  });

  test('are one at a time for a vehicle that does not come, and look after it every quarter of an hour', async () => {
    const scene = new DrivenScene();
    await scene.moment();
    scene.isParked = true;
    scene.send(elsewhere);
    await scene.deliver();
    await scene.deliver();
    expect(scene.vehicle.home?.move?.step).toBe('told');
    for (let hops = 0; hops < 20; hops += 1) {
      expect(scene.queue).toHaveLength(1);
      scene.now += quarter;
      expect(await scene.deliver()).toEqual(['waits']);
    }
    expect(scene.vehicle.home?.move?.step).toBe('told');
  });

  test('end where the vehicle has changed: whoever changed it has called anew', async () => {
    const scene = new DrivenScene();
    await scene.moment();
    scene.isParked = true;
    scene.send(elsewhere);
    await scene.deliver();
    await scene.deliver();
    const [late] = scene.queue;
    scene.vehicle = { ...scene.vehicle, version: scene.vehicle.version + 1 };
    scene.kick();
    scene.now += quarter;
    expect(await scene.deliver()).toEqual(['overtaken', 'waits']);
    expect(scene.queue).toHaveLength(1);
    const { visits } = scene;
    if (late !== undefined) expect(await scene.driver.drive(late.call)).toBe('overtaken');
    expect(scene.visits).toBe(visits);
  });

  test('may all come twice: the move goes the same way, and no call outlives it', async () => {
    const scene = new DrivenScene();
    scene.deliveries = 2;
    await scene.moment();
    await arrived(scene);
    scene.deliveries = 1;
    await scene.drain();
    expect(scene.vehicle.home).toEqual({ name: elsewhere, epoch: 1 });
    expect(await scene.driver.drive({ vehicleId: scene.vehicle.vehicleId, version: scene.vehicle.version })).toBe(
      'over',
    );
    expect(scene.queue).toEqual([]);
  });

  test('fail with a device cloud that does not answer, and go on where they were once it does', async () => {
    const scene = new DrivenScene();
    await scene.moment();
    scene.send(elsewhere);
    const [call] = scene.queue.splice(0);
    if (call === undefined) throw new Error('Nobody has called');
    scene.fuse.blowsAt = scene.fuse.places;
    await expect(scene.driver.drive(call.call)).rejects.toThrow('died');
    // The queue has the message still: another one would go beside it for ever.
    expect(scene.queue).toEqual([]);
    expect(scene.vehicle.home).toMatchObject({ name: firstHome, move: { step: 'asked' } });
    await scene.driver.drive(call.call);
    expect(scene.vehicle.home?.move?.step).toBe('told');
  });
});
