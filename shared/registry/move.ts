import type { Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import {
  destinationOf,
  type Hindrance,
  type Home,
  type HomeName,
  homeOf,
  isFromHome,
  type Move,
  type VehicleHome,
} from './home.ts';
import type { PresenceEvent } from './presence.ts';
import { nextOf, type Vehicle } from './vehicle.ts';

/**
 * How a vehicle moves from one device cloud to another. Where it is at home, and with it where commands go, changes in
 * one write: the one that notes its arrival. Every function here returns the very same vehicle where there is nothing to
 * note (any more), so that each step may be taken twice, late, and by two at once.
 */

/** What a vehicle must not be disturbed in. */
export type Obstacle = 'update-installing' | 'trip-under-way';

/** How long a vehicle may take to come over: one that is parked comes online at some time. */
export const patience = 14 * 24 * 3_600_000;

/**
 * For so long after the arrival somebody may still act on the former home: whoever has looked it up before, and runs for
 * half a minute at most.
 */
export const quiet = 60_000;

/** The former identity stays disabled for so long before it is removed: until then a human can see what was there. */
export const keeping = 3_600_000;

/** While the vehicle must not be disturbed, it is looked at again after so long. */
export const obstaclePause = 60_000;

/** What has to be done next. */
export type MoveTask =
  /** Make the identity at `to`, and copy there what is desired of the vehicle. */
  | { readonly kind: 'prepare'; readonly from: Home; readonly to: Home }
  /** Say to the vehicle, where it is at home, where it is to go. */
  | { readonly kind: 'tell'; readonly from: Home; readonly to: Home }
  /** It has not come, or must not: it stays. Nothing else has to be done for this. */
  | { readonly kind: 'turn-back' }
  /** Say to the vehicle that it stays, and remove the identity at `to`. */
  | { readonly kind: 'take-back'; readonly from: Home; readonly to: Home }
  /** Take over what came to the former home meanwhile, and send again what has no answer. */
  | { readonly kind: 'catch-up'; readonly from: Home; readonly to: Home }
  /** The same for the last time; from then on nobody gets in at the former home. */
  | { readonly kind: 'part'; readonly from: Home; readonly to: Home }
  /** Remove the former identity. */
  | { readonly kind: 'forget'; readonly from: Home; readonly to: Home }
  | { readonly kind: 'wait'; readonly until: Instant };

/**
 * The vehicle, on its way.
 *
 * @param obstacle asked of those who know
 * @throws Failure conflict: it cannot move now
 */
export function sentTo(vehicle: Vehicle, to: HomeName, obstacle: Obstacle | undefined, now: Instant): Vehicle {
  const present = homeOf(vehicle);
  const { move, tried } = vehicle.home ?? {};
  const isGoingThere = destinationOf(vehicle)?.name === to;
  const isThere = present.name === to && (move === undefined || 'from' in move);
  if (isGoingThere || isThere) return vehicle;
  if (move !== undefined) throw moving(move);
  requireMovable(vehicle, obstacle);
  const epoch = Math.max(present.epoch, tried ?? 0) + 1;
  const asked: Move = { step: 'asked', to: { name: to, epoch }, since: now, deadline: now + patience };
  return withHome(vehicle, { ...present, ...(tried !== undefined && { tried }), move: asked }, now);
}

/**
 * The vehicle, told to stay.
 *
 * @throws Failure conflict: it has arrived
 */
export function calledBack(vehicle: Vehicle, now: Instant, why: Hindrance = { reason: 'called-back' }): Vehicle {
  const move = vehicle.home?.move;
  if (move === undefined || move.step === 'returning') return vehicle;
  if ('from' in move) {
    throw new Failure('conflict', 'vehicle-arrived', `The vehicle has arrived in ${homeOf(vehicle).name}.`, {
      resolution: `Move it once ${move.from.name} has forgotten it, an hour after it came.`,
    });
  }
  const returning: Move = { step: 'returning', to: move.to, since: now, why };
  return withHome(vehicle, { ...homeOf(vehicle), move: returning }, now);
}

/** The vehicle, at home where it is on its way to, if that is where the event comes from. */
export function arrived(vehicle: Vehicle, event: PresenceEvent, now: Instant): Vehicle {
  const move = vehicle.home?.move;
  // Who was not told can be nowhere else; who is not let in has not arrived.
  if (move === undefined || (move.step !== 'prepared' && move.step !== 'told')) return vehicle;
  if (vehicle.lifeCycle.status !== 'active' || !isFromThere(move, event)) return vehicle;
  return withHome(vehicle, { ...move.to, move: { step: 'arrived', from: homeOf(vehicle), at: now } }, now);
}

/** The first home counts no epochs: there, what happened before the vehicle was sent is of an earlier stay. */
function isFromThere({ to, since }: { readonly to: Home; readonly since: Instant }, event: PresenceEvent): boolean {
  if (!isFromHome({ home: to }, event.home)) return false;
  return event.home === undefined ? event.at > since : event.home.epoch === to.epoch;
}

/** Undefined where the vehicle is not moving. */
export function taskOf(vehicle: Vehicle, now: Instant): MoveTask | undefined {
  const move = vehicle.home?.move;
  if (move === undefined) return undefined;
  const present = homeOf(vehicle);
  // Who is shut out is shut out everywhere, and at once.
  const isLetIn = vehicle.lifeCycle.status === 'active';
  switch (move.step) {
    case 'asked':
    case 'prepared':
    case 'told':
      if (!isLetIn || now >= move.deadline) return { kind: 'turn-back' };
      if (move.step === 'told') return { kind: 'wait', until: move.deadline };
      return { kind: move.step === 'asked' ? 'prepare' : 'tell', from: present, to: move.to };
    case 'returning':
      return { kind: 'take-back', from: present, to: move.to };
    case 'arrived':
      return { kind: isLetIn ? 'catch-up' : 'part', from: move.from, to: present };
    case 'settled':
      if (isLetIn && now < move.at + quiet) return { kind: 'wait', until: move.at + quiet };
      return { kind: 'part', from: move.from, to: present };
    case 'cleared':
      if (now < move.at + keeping) return { kind: 'wait', until: move.at + keeping };
      return { kind: 'forget', from: move.from, to: present };
  }
}

/** The vehicle after its task was carried out; the very same one where something else is to be done by now. */
export function withDone(vehicle: Vehicle, task: MoveTask, now: Instant): Vehicle {
  const due = taskOf(vehicle, now);
  if (due === undefined || !isSame(due, task)) return vehicle;
  switch (task.kind) {
    case 'wait':
      return vehicle;
    case 'prepare':
      return onItsWay(vehicle, 'prepared', now);
    case 'tell':
      return onItsWay(vehicle, 'told', now);
    case 'turn-back':
      return calledBack(vehicle, now, { reason: vehicle.lifeCycle.status === 'active' ? 'timed-out' : 'shut-out' });
    case 'take-back':
      return withHome(vehicle, { ...task.from, tried: task.to.epoch, ...stayedOf(vehicle, now) }, now);
    case 'catch-up':
      return withHome(vehicle, { ...task.to, move: { step: 'settled', from: task.from, at: now } }, now);
    case 'part':
      return withHome(vehicle, { ...task.to, move: { step: 'cleared', from: task.from, at: now } }, now);
    case 'forget':
      return withHome(vehicle, task.to, now);
  }
}

function stayedOf({ home }: Vehicle, at: Instant): Pick<VehicleHome, 'stayed'> {
  const { move } = home ?? {};
  return move?.step === 'returning' ? { stayed: { to: move.to.name, at, why: move.why } } : {};
}

function isSame(one: MoveTask, other: MoveTask): boolean {
  if (!('to' in one) || !('to' in other)) return one.kind === other.kind;
  return one.kind === other.kind && one.to.epoch === other.to.epoch;
}

function onItsWay(vehicle: Vehicle, step: 'prepared' | 'told', now: Instant): Vehicle {
  const { home } = vehicle;
  if (home?.move === undefined || !('deadline' in home.move)) return vehicle;
  return withHome(vehicle, { ...home, move: { ...home.move, step } }, now);
}

function withHome(vehicle: Vehicle, home: VehicleHome, now: Instant): Vehicle {
  return { ...vehicle, home, updatedAt: now, version: vehicle.version + 1 };
}

function requireMovable({ lifeCycle }: Vehicle, obstacle: Obstacle | undefined): void {
  const { status } = lifeCycle;
  if (status !== 'active') {
    throw new Failure('conflict', `vehicle-${status}`, `The vehicle is ${status} and cannot move.`, {
      resolution: 'Only a vehicle that has been online, and may be, learns where it is to go.',
    });
  }
  if (nextOf(lifeCycle) !== undefined) {
    throw new Failure('conflict', 'certificate-changing', 'The vehicle is changing its certificate.', {
      resolution: 'Move it once it has connected with the new one.',
    });
  }
  if (obstacle === 'update-installing') {
    throw new Failure('conflict', 'vehicle-installing', 'The vehicle is installing an update.', {
      resolution: 'Move it once it has said how that ended.',
    });
  }
  if (obstacle === 'trip-under-way') {
    throw new Failure('conflict', 'vehicle-on-trip', 'A shared trip is under way with the vehicle.', {
      resolution: 'Move it once the trip has ended.',
    });
  }
}

function moving(move: Move): Failure {
  if (move.step === 'returning') {
    return new Failure('conflict', 'vehicle-moving', `The vehicle is being called back from ${move.to.name}.`, {
      resolution: 'Try again once it has no `move` any more.',
    });
  }
  if ('to' in move) {
    return new Failure('conflict', 'vehicle-moving', `The vehicle is moving to ${move.to.name}.`, {
      resolution: 'Wait until it is there, or take the move back (DELETE), while it has not arrived.',
    });
  }
  return new Failure('conflict', 'vehicle-moving', `The vehicle has just come from ${move.from.name}.`, {
    resolution: `Move it once ${move.from.name} has forgotten it, an hour after it came.`,
  });
}
