import * as z from 'zod/mini';
import type { Delivery } from '#shared/webhooks/delivery.ts';
import { eventCatalogue, eventTypes, testType } from '#shared/webhooks/event-catalogue.ts';
import type { Webhook } from '#shared/webhooks/webhook.ts';
import {
  type DeliveryId,
  deliveryIdPattern,
  isDeliveryId,
  isWebhookId,
  type WebhookId,
  webhookIdPattern,
} from '#shared/webhooks/webhook-id.ts';
import { as, brandText, instant, isoTime, text } from '../schemas.ts';
import { operatorIdText } from './sharing-setup-view.ts';

export const tag = 'Webhooks';

const webhookIdText = text<WebhookId>(isWebhookId, () => 'is no id of a webhook', {
  ...{ pattern: webhookIdPattern.source, description: 'The webhook' },
});
const deliveryIdText = text<DeliveryId>(isDeliveryId, () => 'is no id of a delivery', {
  ...{ pattern: deliveryIdPattern.source, description: 'One event for one webhook: its `webhook-id`' },
});
export const webhookPath = z.object({ webhookId: webhookIdText });
export const deliveryPath = z.object({ webhookId: webhookIdText, deliveryId: deliveryIdText });

const url = as(z.string().check(z.maxLength(1024)), {
  ...{ format: 'uri', description: 'Where messages are POSTed: https, a public host, port 443 or 8443' },
});
const types = as(
  z.array(z.enum(eventTypes)).check(
    z.minLength(1),
    z.maxLength(eventTypes.length),
    z.refine((list) => new Set(list).size === list.length, 'names a type twice'),
  ),
  { description: eventTypes.map((type) => `\`${type}\`: ${eventCatalogue[type].says}`).join('. ') },
);
const description = as(z.string().check(z.maxLength(200)), { description: 'For whoever reads the list' });

export const webhookOrder = as(
  z.strictObject({
    ...{ url, types, description: z.exactOptional(description) },
    operatorId: z.exactOptional(as(operatorIdText, { description: 'Whose `sharing.…` events' })),
    brand: z.exactOptional(as(brandText, { description: 'Whose `vehicle.…` events' })),
  }),
  { id: 'WebhookOrder' },
);
export const webhookChanges = as(
  z.strictObject({
    ...{ url: z.exactOptional(url), types: z.exactOptional(types), description: z.exactOptional(description) },
    enabled: z.exactOptional(
      as(z.boolean(), {
        description: '`false` gives up what waits; `true` begins anew, whatever went wrong before',
      }),
    ),
  }),
  { id: 'WebhookChanges' },
);

export const webhookView = as(
  z.object({
    webhookId: webhookIdText,
    ...webhookOrder.shape,
    status: z.enum(['active', 'resting', 'disabled']),
    disabled: z.exactOptional(z.object({ since: instant(), reason: z.enum(['asked', 'gone', 'unreachable']) })),
    secret: z.object({
      since: instant('Since when messages are signed with the present secret'),
      formerUntil: z.exactOptional(instant('Until then they are signed with the former one, too')),
    }),
    failures: as(z.int(), { description: 'Calls that failed since the last one that did not' }),
    lastFailure: z.exactOptional(z.object({ at: instant(), reason: z.string() })),
    nextProbeAt: z.exactOptional(instant('While it rests: when it is tried whether the receiver is back')),
    createdAt: instant(),
  }),
  { id: 'Webhook' },
);
const secretText = as(z.string(), {
  description: 'Shown this once: keep it where the receiver can verify signatures with it',
});
export const webhookWithSecret = as(z.object({ ...webhookView.shape, secretText }), { id: 'WebhookWithSecret' });

export const deliveryView = as(
  z.object({
    deliveryId: deliveryIdText,
    type: z.enum([...eventTypes, testType]),
    at: instant('When it happened'),
    status: z.enum(['waiting', 'delivered', 'dead']),
    attempts: z.int(),
    last: z.exactOptional(z.object({ at: instant(), result: z.string(), httpStatus: z.exactOptional(z.int()) })),
    nextAttemptAt: z.exactOptional(instant('Not before, and not while the webhook rests')),
    endedAt: z.exactOptional(instant()),
    reason: z.exactOptional(z.string()),
    data: z.record(z.string(), z.unknown()),
  }),
  { id: 'WebhookDelivery' },
);

export function viewOf({ state, secret, health, createdAt, clientId: _, version: __, ...rest }: Webhook) {
  const { failures, lastFailure, rest: pause } = health;
  const view: z.infer<typeof webhookView> = {
    ...{ ...rest, types: [...rest.types], failures, createdAt: isoTime(createdAt) },
    status: state.status === 'active' && pause !== undefined ? 'resting' : state.status,
    secret: {
      since: isoTime(secret.since),
      ...(secret.former !== undefined && { formerUntil: isoTime(secret.former.until) }),
    },
    ...(state.status === 'disabled' && { disabled: { since: isoTime(state.since), reason: state.reason } }),
    ...(lastFailure !== undefined && { lastFailure: { ...lastFailure, at: isoTime(lastFailure.at) } }),
    ...(pause !== undefined && { nextProbeAt: isoTime(pause.until) }),
  };
  return view;
}

export function deliveryViewOf({ deliveryId, event, attempts, last, state }: Delivery) {
  const view: z.infer<typeof deliveryView> = {
    ...{ deliveryId, type: event.type, at: isoTime(event.at), status: state.status, attempts },
    ...(last !== undefined && {
      last: {
        ...{ at: isoTime(last.at), result: last.result },
        ...(last.status !== undefined && { httpStatus: last.status }),
      },
    }),
    ...(state.status === 'waiting' ? { nextAttemptAt: isoTime(state.nextAt) } : { endedAt: isoTime(state.at) }),
    ...(state.status === 'dead' && { reason: state.reason }),
    data: { ...event.data },
  };
  return view;
}

const at = '2026-11-21T08:30:00.000Z';
const order = {
  url: 'https://partner.example.com/fleetloom',
  types: ['sharing.vehicle.moved' as const],
  operatorId: 'we-share',
};
const webhookId = 'whk-abcdefghijklmnopqrst';
export const webhookExamples = {
  order,
  webhook: { webhookId, ...order, status: 'active', secret: { since: at }, failures: 0, createdAt: at },
  secretText: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  delivery: {
    ...{ deliveryId: 'dlv-0k5oq9p60abcdefghijklmnopqrst', type: 'sharing.vehicle.moved', at, status: 'dead' },
    ...{ attempts: 8, last: { at, result: 'receiver-answered-error', httpStatus: 503 }, endedAt: at },
    reason: 'attempts-used-up',
    data: {
      ...{ vehicleId: 'veh-abcdefghijklmnopqrst', systemId: 'we-share-berlin', operatorId: 'we-share' },
      ...{ vehicleTypeId: 'e-golf', event: 'reservation_start', version: 7, place: 0 },
    },
  },
};
