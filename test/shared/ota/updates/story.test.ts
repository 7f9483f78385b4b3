import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Story, storySince, told } from '#shared/ota/updates/story.ts';
import { course, events } from './courses.ts';
import { now } from './updates.ts';

test('every change of an update is one moment of its story, none is told twice, and none changes afterwards', () => {
  fc.assert(
    fc.property(events, (said) => {
      const states = course(said);
      states.forEach(({ story, changedAt, version }, place) => {
        const times = story.reduce((sum, moment) => sum + (moment.what === 'more' ? moment.times : 1), 0);
        expect(times).toBe(version - 1);
        expect(story.at(-1)?.at ?? now).toBe(changedAt);
        const before = states[place - 1]?.story ?? [];
        if (story.length > before.length) expect(story.slice(0, -1)).toEqual(before);
      });
    }),
  );
});

test('a story that grows keeps its beginning and its end, and says how much is not told', () => {
  const many = Array.from({ length: 100 }, (_, at) => ({ at, what: 'retried', by: 'schedule' }) as const);
  const story = many.reduce<Story>(told, []);
  expect(story).toHaveLength(20);
  expect([...story.slice(0, 8), ...story.slice(9)]).toEqual([...many.slice(0, 8), ...many.slice(-11)]);
  expect(story[8]).toEqual({ at: 88, what: 'more', times: 81 });
});

test('an owner is told nothing of what was decided before the car was theirs', () => {
  const story = [
    { at: 1, what: 'declined', by: 'owner' },
    { at: 5, what: 'owner-changed' },
    { at: 6, what: 'deferred' },
    { at: 7, what: 'accepted', by: 'driver' },
  ] as const;
  expect(storySince(story, 5).map(({ what }) => what)).toEqual(['owner-changed', 'accepted']);
});
