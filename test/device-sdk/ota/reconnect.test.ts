import { afterEach, describe, expect, test } from 'vitest';
import { usualDelay } from '#device-sdk/reconnect-delay.ts';
import { until } from '../test-cloud.ts';
import { closeVehicles, offerOf, onTheRoad } from './update-cloud.ts';

afterEach(closeVehicles);

const cars = 900_000;
/** AWS IoT Core, of an account and region, where nobody has asked for more: docs/prices.md. */
const connectsPerSecond = 500;
const publishesPerSecond = 20_000;

/** Seconds after the outage: how many tried, and how many were still out before. */
interface Second {
  readonly tried: number;
  readonly out: number;
}

/**
 * Every car draws its pauses as the SDK's client does (full jitter: anything up to a bound that doubles with each
 * failure); of those that try in a second the account lets in so many. Cars of one second and one bound are alike, so that
 * they are counted and not kept.
 */
function comeBack(limit: number): readonly Second[] {
  const random = randomNumbers(7);
  const bounds: number[] = [];
  for (let bound = usualDelay.min; bound < usualDelay.max; bound *= 2) bounds.push(bound);
  bounds.push(usualDelay.max);
  const slots = Math.ceil(usualDelay.max / 1000) + 2;
  const waiting = Array.from({ length: slots }, () => new Uint32Array(bounds.length));
  const draw = (second: number, level: number, many: number) => {
    const bound = (bounds[level] ?? usualDelay.max) / 1000;
    for (let car = 0; car < many; car++) {
      const slot = waiting[(second + 1 + Math.floor(random() * bound)) % slots];
      if (slot !== undefined) slot[level] = (slot[level] ?? 0) + 1;
    }
  };
  draw(-1, 0, cars);
  const seconds: Second[] = [];
  for (let out = cars, second = 0; out > 0 && second < 10_000; second++) {
    const trying = waiting[second % slots] ?? new Uint32Array();
    const tried = trying.reduce((sum, many) => sum + many, 0);
    seconds.push({ tried, out });
    const admitted = Math.min(limit, tried);
    const counts = [...trying];
    trying.fill(0);
    counts.forEach((many, level) => {
      const refused = Math.round(many * (1 - admitted / Math.max(1, tried)));
      draw(second, Math.min(level + 1, bounds.length - 1), refused);
    });
    out = waiting.reduce((sum, slot) => sum + slot.reduce((all, many) => all + many, 0), 0);
  }
  return seconds;
}

/** Mulberry32: the same numbers each time. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('13. 900,000 cars reconnect at once: jitter, budget, 429s', () => {
  test('they are in as soon as the account’s limit allows, nobody starves, and no wave comes again', () => {
    const seconds = comeBack(connectsPerSecond);
    expect(seconds.length).toBeLessThanOrEqual((cars / connectsPerSecond) * 1.05);
    const spread = usualDelay.max / 2000;
    const settled = seconds.slice(180);
    // Whoever is out tries twice a minute on average: what is refused falls with those who are left, and never piles up.
    for (const { tried, out } of settled) expect(tried).toBeLessThanOrEqual((1.1 * out) / spread + 200);
    // Of the first minute, in which nobody has been refused often: eight attempts a car, as the bound doubles.
    const first = seconds.slice(0, 60).reduce((sum, { tried }) => sum + tried, 0);
    expect(first / cars).toBeLessThan(9);
  });

  test('and what a car asks for when it is in again leaves the account room for as many as may come in a second', async () => {
    const road = await onTheRoad(['gateway']);
    road.updates.offer(road.vehicleId, offerOf());
    await until(() => road.vehicle.updates?.available !== undefined, 'the offer');
    const said: string[] = [];
    road.cloud.hub.fate = ({ topic }) => {
      if (!isAnswer(topic)) said.push(topic);
      return 'deliver';
    };
    road.cloud.hub.cut(road.vehicleId);
    await until(() => road.vehicle.presence.status === 'offline', 'the cut');
    await until(() => road.vehicle.presence.status === 'online', 'the line');
    await until(() => said.length > 0, 'what it asks for');
    await road.vehicle.close();
    expect(road.updates.jobRequests).toEqual([]);
    // One update of a shadow counts four times with all that answers it, so that each of these is taken for four.
    expect(4 * said.length * connectsPerSecond, said.join()).toBeLessThanOrEqual(publishesPerSecond);
  });
});

/** Of the cloud, to what the vehicle asked. */
function isAnswer(topic: string): boolean {
  return topic.endsWith('/accepted') || topic.endsWith('/rejected');
}
