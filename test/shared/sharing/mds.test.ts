import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { isPossible, type MdsEvent, type MdsPosition, mdsEvents, mdsStates, moved } from '#shared/sharing/mds.ts';

const table = new URL('../../../../shared/data/mds-2.0/car-share-transitions.json', import.meta.url);
const isThere = existsSync(table);
const published = z.object({ transitions: z.array(z.object({ from: z.string(), to: z.string(), event: z.string() })) });

const positions: readonly MdsPosition[] = mdsStates.flatMap((state) => [
  { state },
  ...mdsStates.map((former) => ({ state, former: [former] })),
]);

test.skipIf(!isThere)('the table is that of MDS 2.0, mode car-share (skipped where ../shared/data is absent)', () => {
  const { transitions } = published.parse(JSON.parse(readFileSync(table, 'utf8')));
  const ours = positions.flatMap((position) =>
    mdsEvents
      .filter((event) => isPossible(position, event))
      .map((event) => `${position.state} ${event} ${moved(position, event).state}`),
  );
  expect(new Set(ours)).toEqual(new Set(transitions.map(({ from, event, to }) => `${from} ${event} ${to}`)));
});

test('what is not in the table is refused, and the refusal names event and state', () => {
  for (const position of positions) {
    for (const event of mdsEvents.filter((one) => !isPossible(position, one))) {
      expect(() => moved(position, event)).toThrow(`There is no ${event} from ${position.state}.`);
    }
  }
});

describe('a trip', () => {
  const reached = (events: readonly MdsEvent[], from: MdsPosition = { state: 'available' }) =>
    events.reduce((position, event) => moved(position, event), from);

  test('ends standing still alone', () => {
    const driving = reached(['reservation_start', 'reservation_stop', 'trip_start']);
    expect(driving).toEqual({ state: 'on_trip' });
    expect(isPossible(driving, 'trip_end')).toBe(false);
    expect(reached(['trip_stop', 'trip_end'], driving)).toEqual({ state: 'available' });
  });

  test('that leaves the city and drives into a tunnel comes back step by step to where it was', () => {
    const driving = reached(['reservation_start', 'reservation_stop', 'trip_start']);
    const away = reached(['trip_leave_jurisdiction', 'comms_lost'], driving);
    expect(away).toEqual({ state: 'non_contactable', former: ['on_trip', 'elsewhere'] });
    expect(reached(['comms_restored'], away)).toEqual({ state: 'elsewhere', former: ['on_trip'] });
    expect(reached(['comms_restored', 'trip_enter_jurisdiction'], away)).toEqual(driving);
  });
});

test('whatever happens, a vehicle out of contact or elsewhere knows where it comes back to, and no other does', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...mdsEvents), { maxLength: 60 }), (events) => {
      let position: MdsPosition = { state: 'available' };
      for (const event of events) if (isPossible(position, event)) position = moved(position, event);
      const away = position.state === 'non_contactable' || position.state === 'elsewhere';
      expect(position.former !== undefined).toBe(away);
      expect(position.former?.length ?? 0).toBeLessThanOrEqual(2);
    }),
  );
});
