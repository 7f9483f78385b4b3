import { destinationOf, type Home, type HomeName, homeOf, type VehicleHome } from '../registry/home.ts';
import { type PostedEvent, type PostsAnswer, type ReportChannel, reportChannels } from './device-post.ts';

/** Where an event goes on to, as if the platform's own device cloud had had it. */
export type Road = ReportChannel | 'presence';

export type Judgement =
  | { readonly kind: 'taken'; readonly road: Road }
  /** Nobody listens, or it is over. */
  | { readonly kind: 'dropped'; readonly why: 'not-listened-to' | 'former-home' | 'not-registered' | 'erased' }
  /** Somebody has to look: it should not be. */
  | { readonly kind: 'quarantined'; readonly reason: string };

/** A vehicle as far as it matters here; undefined where none is registered. */
export type RegisteredHome = { readonly home?: VehicleHome } | 'erased' | undefined;

/**
 * What becomes of an event that a home has posted. What a vehicle measured and did stays true after it has moved; whether
 * it is connected does not.
 *
 * @param from the home that posts
 */
export function judged(event: PostedEvent, from: HomeName, vehicle: RegisteredHome): Judgement {
  const { channel, epoch } = event;
  if (channel === 'twin' || channel === 'life-cycle') return { kind: 'dropped', why: 'not-listened-to' };
  // What was under way is not kept either, not even for somebody to look at.
  if (vehicle === 'erased') return { kind: 'dropped', why: 'erased' };
  if (vehicle === undefined) {
    if (channel === 'presence') return { kind: 'dropped', why: 'not-registered' };
    return { kind: 'quarantined', reason: `${channel} of a vehicle that is not registered` };
  }
  const present = homeOf(vehicle);
  const { move, tried } = vehicle.home ?? {};
  if (isSame(destinationOf(vehicle), from, epoch)) return { kind: 'taken', road: channel };
  // Called back, it may have been there already.
  const isCalledBack = move?.step === 'returning' && isSame(move.to, from, epoch);
  const isOver = epoch < present.epoch || epoch === tried || isCalledBack;
  if (isOver) {
    return channel === 'presence' ? { kind: 'dropped', why: 'former-home' } : { kind: 'taken', road: channel };
  }
  if (present.name !== from) return { kind: 'quarantined', reason: `${channel} from a home that is not the vehicle’s` };
  return { kind: 'taken', road: channel };
}

function isSame(home: Home | undefined, name: HomeName, epoch: number): boolean {
  return home?.name === name && home.epoch === epoch;
}

export const roads: readonly Road[] = [...reportChannels, 'presence'];

export function countsOf(judgements: readonly Judgement[]): Readonly<Record<Judgement['kind'], number>> {
  const counts = { taken: 0, dropped: 0, quarantined: 0 };
  for (const { kind } of judgements) counts[kind] += 1;
  return counts;
}

/** What nobody listens to is taken as well: it need not come again. */
export function postsAnswer({ taken, dropped, quarantined }: ReturnType<typeof countsOf>): PostsAnswer {
  return { taken: taken + dropped, quarantined };
}
