import { Failure } from '../kernel/failure.ts';

/**
 * The states of a shared vehicle and the events that lead from one to another: Mobility Data Specification 2.0, mode
 * car-share, "Valid event_type values" and the state machine diagram. What is not in the table does not happen.
 */
export const mdsStates = [
  'available',
  'reserved',
  'stopped',
  'on_trip',
  'non_operational',
  'removed',
  'elsewhere',
  'non_contactable',
] as const;
export type MdsState = (typeof mdsStates)[number];

export type MdsEvent = keyof typeof transitions;

type Step = readonly [from: MdsState, to: MdsState];

const anywhere = ['available', 'elsewhere', 'non_operational', 'on_trip', 'removed', 'reserved', 'stopped'] as const;
const parked: readonly Step[] = [['stopped', 'stopped']];
const unreserved: readonly Step[] = [
  ['reserved', 'available'],
  ['stopped', 'available'],
];

const transitions = {
  charging_end: parked,
  charging_start: parked,
  comms_lost: anywhere.map((state): Step => [state, 'non_contactable']),
  comms_restored: anywhere.map((state): Step => ['non_contactable', state]),
  customer_cancellation: unreserved,
  decommissioned: [['non_operational', 'removed']],
  driver_cancellation: unreserved,
  fueling_end: parked,
  fueling_start: parked,
  maintenance: [['non_operational', 'removed']],
  maintenance_end: [['removed', 'non_operational']],
  maintenance_pick_up: [['non_operational', 'removed']],
  provider_cancellation: unreserved,
  recommissioned: [['removed', 'non_operational']],
  remote_end: parked,
  remote_start: parked,
  reservation_start: [['available', 'reserved']],
  reservation_stop: [['reserved', 'stopped']],
  service_end: [['available', 'non_operational']],
  service_start: [['non_operational', 'available']],
  trip_end: [['stopped', 'available']],
  trip_enter_jurisdiction: [
    ['elsewhere', 'available'],
    ['elsewhere', 'non_operational'],
    ['elsewhere', 'on_trip'],
    ['elsewhere', 'reserved'],
  ],
  trip_leave_jurisdiction: [
    ['available', 'elsewhere'],
    ['non_operational', 'elsewhere'],
    ['on_trip', 'elsewhere'],
    ['reserved', 'elsewhere'],
  ],
  trip_resume: [['stopped', 'on_trip']],
  trip_start: [['stopped', 'on_trip']],
  trip_stop: [['on_trip', 'stopped']],
} as const satisfies Readonly<Record<string, readonly Step[]>>;

export const mdsEvents = Object.keys(transitions).filter(isMdsEvent);

/**
 * The present state, and those that it comes back to from `elsewhere` and `non_contactable`, the last one first to be
 * come back to: who drives out of the city into a tunnel comes out of the tunnel elsewhere.
 */
export interface MdsPosition {
  readonly state: MdsState;
  readonly former?: readonly MdsState[];
}

/** Whether the event may happen in this state. */
export function isPossible(position: MdsPosition, event: MdsEvent): boolean {
  return next(position, event) !== undefined;
}

/** Throws `conflict` (`transition-not-possible`) where the table has no such step. */
export function moved(position: MdsPosition, event: MdsEvent): MdsPosition {
  const reached = next(position, event);
  if (reached !== undefined) return reached;
  throw new Failure('conflict', 'transition-not-possible', `There is no ${event} from ${position.state}.`, {
    resolution: 'See the state the vehicle is in, and the events that MDS 2.0 has for it (docs/sharing.md).',
  });
}

/**
 * Where an event leads to, wherever it happens. Undefined of the two that lead back to where the vehicle was.
 */
export function targetOf(event: MdsEvent): MdsState | undefined {
  return onlyOne(stepsOf(event).map(([, to]) => to));
}

/** Where an event happens; undefined where it happens in several states. */
export function sourceOf(event: MdsEvent): MdsState | undefined {
  return onlyOne(stepsOf(event).map(([from]) => from));
}

/** Whether the table has this very step. */
export function isTransition(from: MdsState, event: MdsEvent, to: MdsState): boolean {
  return stepsOf(event).some(([one, other]) => one === from && other === to);
}

function stepsOf(event: MdsEvent): readonly Step[] {
  return transitions[event];
}

function onlyOne(states: readonly MdsState[]): MdsState | undefined {
  const [state, ...others] = new Set(states);
  return others.length === 0 ? state : undefined;
}

function next({ state, former = [] }: MdsPosition, event: MdsEvent): MdsPosition | undefined {
  const targets = stepsOf(event)
    .filter(([from]) => from === state)
    .map(([, to]) => to);
  // `comms_restored` and `trip_enter_jurisdiction` lead back to where the vehicle was.
  if (event === 'comms_restored' || event === 'trip_enter_jurisdiction') {
    const back = targets.find((target) => target === former.at(-1));
    return back === undefined ? undefined : at(back, former.slice(0, -1));
  }
  const [to] = targets;
  if (to === undefined) return undefined;
  return to === 'non_contactable' || to === 'elsewhere' ? at(to, [...former, state]) : at(to, former);
}

function at(state: MdsState, former: readonly MdsState[]): MdsPosition {
  return former.length === 0 ? { state } : { state, former };
}

function isMdsEvent(name: string): name is MdsEvent {
  return Object.hasOwn(transitions, name);
}
