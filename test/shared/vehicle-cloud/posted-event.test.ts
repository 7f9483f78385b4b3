import { describe, expect, test } from 'vitest';
import { homeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { Quarantined } from '#shared/telemetry/intake-service.ts';
import {
  type DeviceChannel,
  devicePostsSchema,
  type PostedEvent,
  reportChannels,
} from '#shared/vehicle-cloud/device-post.ts';
import { countsOf, judged, postsAnswer, type RegisteredHome } from '#shared/vehicle-cloud/posted-event.ts';
import { type Handed, PostedEventService } from '#shared/vehicle-cloud/posted-event-service.ts';
import { aVehicleId } from '../../contract/samples.ts';

const here = homeName('vw-weu');
const elsewhere = homeName('vw-neu');
const vehicleId = aVehicleId();

function said(channel: DeviceChannel, epoch = 0, of: VehicleId = vehicleId): PostedEvent {
  return { vehicleId: of, epoch, channel, source: '0', sequence: 1, at: 1000, payload: btoa('{}') };
}

const at = (name: typeof here, epoch: number): RegisteredHome => ({ home: { name, epoch } });

describe('an event that another home posts', () => {
  test.each([...reportChannels, 'presence'] as const)(
    'of the channel %s goes its road, from where the vehicle is at home',
    (channel) => {
      expect(judged(said(channel), here, at(here, 0))).toEqual({ kind: 'taken', road: channel });
      expect(judged(said(channel, 3), here, at(here, 2))).toEqual({ kind: 'taken', road: channel });
    },
  );

  test('comes from where the vehicle is on its way to, and tells all as soon as it was sent there', () => {
    const move = { step: 'told', to: { name: elsewhere, epoch: 1 }, since: 5, deadline: 9 } as const;
    const moving = { home: { name: here, epoch: 0, move } };
    for (const channel of ['telemetry', 'presence'] as const) {
      expect(judged(said(channel, 1), elsewhere, moving)).toEqual({ kind: 'taken', road: channel });
      expect(judged(said(channel, 2), elsewhere, moving).kind).toBe('quarantined');
    }
  });

  test('that comes from where the vehicle was called back from tells what it measured there', () => {
    const why = { reason: 'called-back' } as const;
    const back = { step: 'returning', to: { name: elsewhere, epoch: 1 }, since: 5, why } as const;
    for (const home of [
      { name: here, epoch: 0, move: back },
      { name: here, epoch: 0, tried: 1 },
    ]) {
      expect(judged(said('telemetry', 1), elsewhere, { home })).toEqual({ kind: 'taken', road: 'telemetry' });
      expect(judged(said('presence', 1), elsewhere, { home })).toEqual({ kind: 'dropped', why: 'former-home' });
    }
  });

  test('that was under way while the vehicle moved still tells what it measured, and no longer whether it is connected', () => {
    for (const now of [at(elsewhere, 2), at(here, 2)]) {
      expect(judged(said('telemetry', 1), here, now)).toEqual({ kind: 'taken', road: 'telemetry' });
      expect(judged(said('presence', 1), here, now)).toEqual({ kind: 'dropped', why: 'former-home' });
    }
  });

  test.each(['telemetry', 'replies', 'presence'] as const)(
    'of a vehicle that is at home elsewhere is looked at by somebody: %s',
    (channel) => {
      expect(judged(said(channel, 2), here, at(elsewhere, 2))).toMatchObject({ kind: 'quarantined' });
      // In AWS IoT since it was made.
      expect(judged(said(channel), here, {})).toMatchObject({ kind: 'quarantined' });
    },
  );

  test('of a vehicle that nobody registered is looked at, unless it says no more than that it is there', () => {
    expect(judged(said('telemetry'), here, undefined)).toMatchObject({ kind: 'quarantined', reason: /not registered/ });
    expect(judged(said('presence'), here, undefined)).toEqual({ kind: 'dropped', why: 'not-registered' });
  });

  test('of an erased vehicle is kept nowhere', () => {
    for (const channel of ['telemetry', 'presence', 'replies'] as const) {
      expect(judged(said(channel), here, 'erased')).toEqual({ kind: 'dropped', why: 'erased' });
    }
  });

  test.each(['twin', 'life-cycle'] as const)('that nobody listens to is dropped: %s', (channel) => {
    expect(judged(said(channel), here, at(here, 0))).toEqual({ kind: 'dropped', why: 'not-listened-to' });
  });
});

describe('a post', () => {
  const stranger = aVehicleId();

  function service(hand: (events: readonly Handed[]) => void = () => {}) {
    const kept: Quarantined[] = [];
    const asked: VehicleId[][] = [];
    const taker = new PostedEventService({
      homes: {
        async load(ids) {
          asked.push([...ids]);
          return new Map(ids.filter((id) => id === vehicleId).map((id) => [id, { home: { name: here, epoch: 0 } }]));
        },
      },
      roads: { hand: async (events) => hand(events) },
      quarantine: { add: async (entry) => void kept.push(entry) },
      clock: { now: () => 500 },
    });
    return { taker, kept, asked };
  }

  test('is taken event by event, each vehicle looked up once, and none from the future', async () => {
    const handed: Handed[] = [];
    const { taker, kept, asked } = service((events) => void handed.push(...events));
    const events = [said('telemetry'), said('updates'), said('twin'), said('telemetry', 0, stranger)];
    const judgements = await taker.take(here, events);
    expect(postsAnswer(countsOf(judgements))).toEqual({ taken: 3, quarantined: 1 });
    expect(asked).toEqual([[vehicleId, stranger]]);
    expect(handed.map(({ road, home, event }) => [road, home, event.at])).toEqual([
      ['telemetry', here, 500],
      ['updates', here, 500],
    ]);
    expect(kept).toMatchObject([{ vehicleId: stranger, receivedAt: 500, payload: Uint8Array.from([123, 125]) }]);
  });

  test('that could not be handed on whole is not answered, and keeps nothing for anybody to look at', async () => {
    const { taker, kept } = service(() => {
      throw new Error('throttled');
    });
    await expect(taker.take(here, [said('telemetry'), said('telemetry', 0, stranger)])).rejects.toThrow('throttled');
    expect(kept).toEqual([]);
  });
});

test.each([
  ['no events', { events: [] }],
  ['too many', { events: Array.from({ length: 101 }, () => said('telemetry')) }],
  ['a device that is no vehicle', { events: [{ ...said('telemetry'), vehicleId: 'claim-1' }] }],
  ['a channel that there is not', { events: [{ ...said('telemetry'), channel: 'warez' }] }],
  ['a payload that is no base64', { events: [{ ...said('telemetry'), payload: '%' }] }],
  ['a presence that says nothing', { events: [said('presence')] }],
  ['an epoch before the first', { events: [said('telemetry', -1)] }],
  ['a member that nobody knows', { events: [said('telemetry')], more: 1 }],
])('a body with %s is not as agreed', (_, body) => {
  expect(devicePostsSchema.safeParse(body).success).toBe(false);
});
