import type { Instant } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { failedWith, type HubAnswer, type HubOrder, type HubQuestion } from './hub-calls.ts';
import type { HubHome, HubOf } from './hub-cloud.ts';
import type { HomeAnswer, HomeQuestion } from './hub-home-calls.ts';

/** What a hub says to a question; a failure that has a meaning is an answer too. */
export async function answerTo(
  question: HubQuestion | HomeQuestion,
  hubs: HubOf,
  now: Instant,
): Promise<HubAnswer | HomeAnswer> {
  try {
    return await said(question, hubs, now);
  } catch (error) {
    const failed = failedWith(error);
    if (failed === undefined) throw error;
    return failed;
  }
}

async function said(question: HubQuestion | HomeQuestion, hubs: HubOf, now: Instant): Promise<HubAnswer | HomeAnswer> {
  const hub = hubs(question.home);
  switch (question.kind) {
    case 'twin': {
      const { epoch, vehicleId, name } = question;
      return { kind: 'twin', twin: (await hub.vehiclesOf(epoch).twins.load(vehicleId, name)) ?? null };
    }
    case 'patch': {
      const { epoch, vehicleId, name, patch, seenRevision } = question;
      const done = await hub.vehiclesOf(epoch).twins.patchDesired(vehicleId, name, patch, seenRevision);
      return { kind: 'patched', done };
    }
    case 'message': {
      const { epoch, vehicleId, message } = question;
      return { kind: 'handed', ...(await hub.vehiclesOf(epoch).messages.send(vehicleId, message, now)) };
    }
    case 'erasure-find': {
      const { keys, next } = await hub.erasure.find(question.vehicleId, question.what, question.after);
      return { kind: 'found', keys: [...keys], ...(next !== undefined && { next }) };
    }
    case 'erase':
      await hub.erasure.erase(question.vehicleId, question.what, question.keys);
      return { kind: 'erased' };
    case 'query': {
      const { query, limit, from } = question;
      const { items, next } = await hub.query(query, { limit, ...(from !== undefined && { from }) });
      return { kind: 'page', vehicleIds: [...items], ...(next !== undefined && { next }) };
    }
    case 'endpoint':
      return { kind: 'endpoint', host: hub.host };
    default:
      return saidOfHome(question, hub.homeOf({ name: question.home, epoch: question.epoch }));
  }
}

async function saidOfHome(question: Exclude<HomeQuestion, { kind: 'endpoint' }>, home: HubHome): Promise<HomeAnswer> {
  const { vehicleId } = question;
  switch (question.kind) {
    case 'let-in': {
      const { brand, market, thumbprint } = question;
      await home.letIn({ vehicleId, brand, market }, thumbprint);
      return { kind: 'done' };
    }
    case 'twin-names':
      return { kind: 'names', names: [...(await home.twinNames(vehicleId))] };
    case 'shut-out':
      await home.shutOut(vehicleId);
      return { kind: 'done' };
    case 'forget':
      await home.forget(vehicleId);
      return { kind: 'done' };
  }
}

/**
 * @returns `pointless` where there is nobody to do it for any more, or it is too late
 * @throws what another attempt may put right, or a human
 */
export async function carryOut(order: HubOrder, hubs: HubOf, now: Instant): Promise<'done' | 'pointless'> {
  if (order.kind === 'message' && order.message.expiresAt <= now) return 'pointless';
  try {
    await done(order, hubs, now);
    return 'done';
  } catch (error) {
    if (error instanceof Failure && error.code === 'vehicle-not-provisioned') return 'pointless';
    throw error;
  }
}

async function done(order: HubOrder, hubs: HubOf, now: Instant): Promise<unknown> {
  const { vehicleId } = order;
  const { twins, messages, access, rollouts } = hubs(order.home).vehiclesOf(order.epoch);
  switch (order.kind) {
    case 'message':
      return messages.send(vehicleId, order.message, now);
    case 'show':
      return twins.show(vehicleId, order.name, order.patches, order.order);
    case 'access':
      return access.set(vehicleId, order.status, order.order);
    case 'disconnect':
      return access.disconnect(vehicleId);
    case 'join':
      return rollouts.join(vehicleId, order.campaignId, order.releasedAt, order.order);
    case 'leave':
      return rollouts.leave(vehicleId, order.campaignId, order.order);
  }
}

/** Whether everybody has to wait, and not only this order. */
export function isThrottled(error: unknown): boolean {
  return error instanceof Failure && error.code === 'hub-throttled';
}
