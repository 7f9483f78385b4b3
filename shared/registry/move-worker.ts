import type { UnansweredCommands } from '../commands/unanswered-commands.ts';
import type { Clock, Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { homeTwin } from '../vehicle-cloud/home-notice.ts';
import { destinationOf, type Home, homeOf } from './home.ts';
import { calledBack, type MoveTask, obstaclePause, taskOf, withDone } from './move.ts';
import type { HomeCloud, HomeClouds, Obstacles, PlatformWord, WishCopies } from './move-ports.ts';
import { TwinMover } from './twin-mover.ts';
import type { Vehicle } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

export interface MoveWorkerPorts {
  readonly vehicles: Pick<VehicleRepository, 'load' | 'save'>;
  readonly clouds: HomeClouds;
  readonly copies: WishCopies;
  readonly unanswered: UnansweredCommands;
  readonly word: PlatformWord;
  readonly obstacles: Obstacles;
  readonly clock: Clock;
}

/** After so long, commands without an answer are sent again. */
const resendPause = 5_000;

/**
 * Carries moves out. It may be called at any time, and twice at once: it does what the registry says is to be done, and
 * whatever it dies in is done again.
 */
export class MoveWorker {
  readonly #ports: MoveWorkerPorts;
  readonly #twins: TwinMover;

  constructor(ports: MoveWorkerPorts) {
    this.#ports = ports;
    this.#twins = new TwinMover(ports.copies, ports.clock);
  }

  /**
   * Does what is to be done now.
   *
   * @returns when it is to be called again at the latest; undefined where the vehicle is not moving any more
   */
  async goOn(vehicleId: VehicleId): Promise<Instant | undefined> {
    const { vehicles, obstacles, clock } = this.#ports;
    for (;;) {
      const vehicle = await vehicles.load(vehicleId);
      const now = clock.now();
      const task = vehicle && taskOf(vehicle, now);
      if (vehicle === undefined || task === undefined) return undefined;
      if (task.kind === 'wait') return this.#meanwhile(vehicle, task.until);
      // From here on the vehicle goes by itself: the last moment at which it can be left in peace.
      if (task.kind === 'tell' && (await obstacles.of(vehicleId)) !== undefined) return now + obstaclePause;
      try {
        await this.#carryOut(vehicle, task);
      } catch (error) {
        if (task.kind !== 'prepare' || !isForGood(error)) throw error;
        const why = { reason: 'refused', code: error.code } as const;
        await this.#change(vehicleId, (seen) => (isGoingTo(seen, task.to) ? calledBack(seen, clock.now(), why) : seen));
        continue;
      }
      await this.#note(vehicleId, task);
    }
  }

  async #carryOut(vehicle: Vehicle, task: MoveTask): Promise<void> {
    const { vehicleId } = vehicle;
    switch (task.kind) {
      case 'wait':
      case 'turn-back':
        return;
      case 'prepare': {
        const [former, next] = [this.#cloud(task.from), this.#cloud(task.to)];
        await next.letIn(vehicle, await former.certificateOf(vehicle));
        return this.#twins.follow(vehicleId, former, next, task.to.epoch);
      }
      case 'tell': {
        const notice = { ...(await this.#cloud(task.to).notice(vehicleId)) };
        await this.#cloud(task.from).twins.patchDesired(vehicleId, homeTwin, notice);
        return;
      }
      case 'take-back':
        return this.#takeBack(vehicleId, task.from, task.to);
      case 'catch-up':
        return this.#catchUp(vehicleId, task.from, task.to);
      case 'part':
        await this.#catchUp(vehicleId, task.from, task.to);
        return this.#cloud(task.from).shutOut(vehicleId);
      case 'forget':
        await this.#cloud(task.from).forget(vehicleId);
        return this.#ports.copies.clear(vehicleId, task.to.epoch);
    }
  }

  async #catchUp(vehicleId: VehicleId, from: Home, to: Home): Promise<void> {
    const { word, unanswered } = this.#ports;
    const next = this.#cloud(to);
    await unanswered.sendAgain(vehicleId, next.commands);
    await this.#twins.follow(vehicleId, this.#cloud(from), next, to.epoch);
    // What the platform itself says is taken from where it knows it: it may be on its way to the former home still.
    await word.sayAgain(vehicleId);
  }

  async #takeBack(vehicleId: VehicleId, from: Home, to: Home): Promise<void> {
    const { twins } = this.#cloud(from);
    await untilSaved(async () => {
      const twin = await twins.load(vehicleId, homeTwin);
      // Of another move by now, or never said.
      if (twin === undefined || twin.desired['epoch'] !== to.epoch) return true;
      return (await twins.patchDesired(vehicleId, homeTwin, null, twin.revision)) || undefined;
    });
    await this.#cloud(to).forget(vehicleId);
    await this.#ports.copies.clear(vehicleId, to.epoch);
  }

  async #note(vehicleId: VehicleId, task: MoveTask): Promise<void> {
    const { clock } = this.#ports;
    const vehicle = await this.#change(vehicleId, (seen) => withDone(seen, task, clock.now()));
    if (task.kind !== 'prepare' && task.kind !== 'tell') return;
    // Somebody took the move back while its identity was made, or the vehicle was told: that must not stay.
    if (vehicle === undefined || !concerns(vehicle, task.to)) await this.#takeBack(vehicleId, task.from, task.to);
  }

  async #change(vehicleId: VehicleId, change: (seen: Vehicle) => Vehicle): Promise<Vehicle | undefined> {
    const { vehicles } = this.#ports;
    const { vehicle } = await untilSaved(async () => {
      const seen = await vehicles.load(vehicleId);
      if (seen === undefined) return { vehicle: seen };
      const next = change(seen);
      return next === seen || (await vehicles.save(next, seen.version)) ? { vehicle: next } : undefined;
    });
    return vehicle;
  }

  /** While the former home may still be given something, and the vehicle may not have listened yet in the new one. */
  async #meanwhile({ vehicleId, home }: Vehicle, until: Instant): Promise<Instant> {
    const { unanswered, clock } = this.#ports;
    if (home?.move?.step !== 'settled') return until;
    await unanswered.sendAgain(vehicleId, this.#cloud(home).commands);
    return Math.min(until, clock.now() + resendPause);
  }

  #cloud(home: Home): HomeCloud {
    const cloud = this.#ports.clouds(home);
    // It was there when the move was asked for: somebody has taken it out of the deployment.
    if (cloud === undefined) throw new Error(`There is no home called ${home.name} any more`);
    return cloud;
  }
}

function isGoingTo(vehicle: Vehicle, { epoch }: Home): boolean {
  return destinationOf(vehicle)?.epoch === epoch;
}

/** Whether the vehicle is on its way there, is there, or has been until just now. */
function concerns(vehicle: Vehicle, home: Home): boolean {
  const move = vehicle.home?.move;
  const former = move !== undefined && 'from' in move ? move.from : undefined;
  return isGoingTo(vehicle, home) || homeOf(vehicle).epoch === home.epoch || former?.epoch === home.epoch;
}

/** The other device cloud would refuse the same again: a name, or a size, that it does not have. */
function isForGood(error: unknown): error is Failure {
  return error instanceof Failure && ['invalid', 'unacceptable', 'too-large'].includes(error.kind);
}
