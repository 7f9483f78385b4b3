import {
  isPossible,
  type MdsEvent,
  type MdsPosition,
  type MdsState,
  mdsEvents,
  mdsStates,
  moved,
} from '#shared/sharing/mds.ts';

/** What one write makes happen at the most, as a lapse and a hold; and it may be that the vehicle comes back or goes away. */
const mostAtOnce = 2;
const known = new Map<string, ReadonlySet<string>>();

/** Where the events lead; undefined where MDS has no such way. */
export function walked(from: MdsPosition, events: readonly string[]): MdsPosition | undefined {
  let position = from;
  for (const event of events) {
    if (!isEvent(event) || !isPossible(position, event)) return undefined;
    position = moved(position, event);
  }
  return position;
}

/**
 * Whether one write may have led from one to the other, whatever it made happen. Of a vehicle that is away, what happens
 * meanwhile happens to the state that it comes back to.
 */
export function isReachable(from: MdsPosition, to: MdsPosition): boolean {
  const start = nameOf(from);
  let reached = known.get(start);
  if (reached === undefined) {
    reached = around(from);
    known.set(start, reached);
  }
  return reached.has(nameOf(to));
}

/** Undefined where a name is none of MDS. */
export function positionOf(state: string, former: readonly string[] = []): MdsPosition | undefined {
  const formers = former.filter(isState);
  if (!isState(state) || formers.length < former.length) return undefined;
  return formers.length === 0 ? { state } : { state, former: formers };
}

function around(from: MdsPosition): Set<string> {
  const reached = new Set([nameOf(from)]);
  let edge: readonly MdsPosition[] = [from];
  const most = from.former === undefined ? mostAtOnce : mostAtOnce + 1;
  for (let step = 0; step < most; step += 1) {
    edge = edge.flatMap(neighbours).filter((position) => {
      const name = nameOf(position);
      const isNew = !reached.has(name);
      reached.add(name);
      return isNew;
    });
  }
  return reached;
}

function neighbours(position: MdsPosition): MdsPosition[] {
  const open = mdsEvents.filter((event) => isPossible(position, event)).map((event) => moved(position, event));
  const [ground, ...above] = position.former ?? [];
  if (ground === undefined) return open;
  const beneath = mdsEvents.filter((event) => isPossible({ state: ground }, event));
  return [
    ...open,
    ...beneath.flatMap((event) => {
      const next = moved({ state: ground }, event);
      return next.former === undefined ? [{ state: position.state, former: [next.state, ...above] }] : [];
    }),
  ];
}

function nameOf({ state, former = [] }: MdsPosition): string {
  return [...former, state].join(' ');
}

function isEvent(name: string): name is MdsEvent {
  return mdsEvents.some((event) => event === name);
}

function isState(name: string): name is MdsState {
  return mdsStates.some((state) => state === name);
}
