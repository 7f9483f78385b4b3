import type { Instant } from '../kernel/clock.ts';
import type { WebhookEvent } from './event-catalogue.ts';
import type { Verdict } from './verdict.ts';
import type { DeliveryId, WebhookId } from './webhook-id.ts';

/** One event on its way to one webhook. */
export interface Delivery {
  readonly deliveryId: DeliveryId;
  readonly webhookId: WebhookId;
  readonly event: WebhookEvent;
  /** From then on it is tried; a replay begins anew. */
  readonly since: Instant;
  /** Calls since then; without those that were to see whether its receiver is back. */
  readonly attempts: number;
  /** What came of the last call. */
  readonly last?: { readonly at: Instant; readonly result: string; readonly status?: number };
  readonly state: DeliveryState;
}

export type DeliveryState =
  /** Not before `nextAt`, and not while its receiver rests. */
  | { readonly status: 'waiting'; readonly nextAt: Instant }
  | { readonly status: 'delivered'; readonly at: Instant }
  | { readonly status: 'dead'; readonly at: Instant; readonly reason: DeathReason };

export type DeliveryStatus = DeliveryState['status'];
export type DeathReason = 'attempts-used-up' | 'too-old' | 'receiver-gone' | 'webhook-disabled';

const [second, minute, hour] = [1000, 60_000, 3_600_000];
/** After the first failure, the second …; with the draw up to half as long again. */
const pauses: readonly number[] = [
  ...[5 * second, 30 * second, 2 * minute, 10 * minute],
  ...[1 * hour, 4 * hour, 12 * hour],
];
export const mostAttempts = pauses.length + 1;
/** After so long nobody tries any more. */
export const patience = 28 * hour;
/** So long a delivery can be looked at and replayed. */
export const keptFor = 14 * 24 * hour;

export function newDelivery(deliveryId: DeliveryId, webhookId: WebhookId, event: WebhookEvent, now: Instant): Delivery {
  return { deliveryId, webhookId, event, since: now, attempts: 0, state: { status: 'waiting', nextAt: now } };
}

/**
 * What a call came to. What is delivered or dead stays so.
 *
 * @param draw 0 to 1: what failed at once is not tried again at once
 */
export function afterCall(delivery: Delivery, verdict: Verdict, now: Instant, draw: number): Delivery {
  if (delivery.state.status !== 'waiting') return delivery;
  const attempts = delivery.attempts + 1;
  const next = { ...delivery, attempts, last: lastOf(verdict, now) };
  if (verdict.kind === 'delivered') return { ...next, state: { status: 'delivered', at: now } };
  if (verdict.kind === 'gone') return dead(next, 'receiver-gone', now);
  const pause = pauses[attempts - 1];
  if (pause === undefined) return dead(next, 'attempts-used-up', now);
  const nextAt = now + Math.round(pause * (1 + draw / 2));
  return nextAt > delivery.since + patience
    ? dead(next, 'too-old', now)
    : { ...next, state: { status: 'waiting', nextAt } };
}

/** As above, where the call was one to see whether the receiver is back: a failure says nothing of this delivery. */
export function afterProbe(delivery: Delivery, verdict: Verdict, now: Instant): Delivery {
  if (verdict.kind !== 'failed' || delivery.state.status !== 'waiting') return afterCall(delivery, verdict, now, 0);
  return { ...delivery, last: lastOf(verdict, now) };
}

/**
 * With what to see whether the receiver is back: what has not been called for longest, then the oldest. Always the same
 * would not do: where a receiver refuses that one alone, all others would wait behind it.
 *
 * @param waiting the oldest first
 */
export function probeOf(waiting: readonly Delivery[]): Delivery | undefined {
  return waiting.toSorted((one, other) => (one.last?.at ?? 0) - (other.last?.at ?? 0))[0];
}

export function isTooOld({ since }: Delivery, now: Instant): boolean {
  return now >= since + patience;
}

function lastOf(verdict: Verdict, at: Instant): NonNullable<Delivery['last']> {
  const result = verdict.kind === 'failed' ? verdict.reason : verdict.kind;
  return { at, result, ...(verdict.status !== undefined && { status: verdict.status }) };
}

export function dead(delivery: Delivery, reason: DeathReason, now: Instant): Delivery {
  return delivery.state.status === 'waiting' ? { ...delivery, state: { status: 'dead', at: now, reason } } : delivery;
}

/** From the beginning, with the same id and body, so that a receiver that had it knows it again. */
export function replayed(delivery: Delivery, now: Instant): Delivery {
  if (delivery.state.status === 'waiting') return delivery;
  return { ...delivery, since: now, attempts: 0, state: { status: 'waiting', nextAt: now } };
}
