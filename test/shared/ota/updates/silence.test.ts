import { expect, test } from 'vitest';
import { type Progress, progressed, retriedByHand } from '#shared/ota/updates/course.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import { couldSpeak, isSilent, silent, silentFrom } from '#shared/ota/updates/silence.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { aCampaignId, anOffered, now } from './updates.ts';

const hour = 3_600_000;
const tonight = { from: now + 12 * hour, to: now + 16 * hour };
const policy = { silenceHours: 10 };
const accepted = () =>
  decided(anOffered(), [], { decision: { kind: 'accept', ...tonight }, revision: 1, by: { by: 'driver' } }, now);
const says = (update: Update, phase: Progress['phase'], at: number, sequence = 1) =>
  progressed(
    update,
    { ...{ kind: 'progress', campaignId: aCampaignId(), attempt: 1, sequence, phase, percent: 5, at } },
    at,
  );

test('a word is expected after a consent, during a download, and after the end of the window; the rest is patience', () => {
  expect(silentFrom(anOffered(), policy)).toBeUndefined();
  expect(silentFrom(accepted(), policy)).toBe(now + 10 * hour);
  const waiting = says(accepted(), 'waiting', now + hour);
  expect(silentFrom(waiting, policy)).toBe(tonight.to + 10 * hour);
  expect(silentFrom(says(accepted(), 'installing', now + hour), policy)).toBeUndefined();
  expect(silentFrom(accepted(), {})).toBe(now + 48 * hour);
});

test('a download that goes on for hours is heard of now and then, and is no silence', () => {
  const begun = says(accepted(), 'downloading', now + hour);
  expect(says(begun, 'downloading', now + 2 * hour, 2)).toBe(begun);
  const later = says(begun, 'downloading', now + 6 * hour, 3);
  expect(silentFrom(later, policy)).toBe(now + 16 * hour);
});

test('a vehicle that is parked without a line for most of the time could not speak; one that was there could', () => {
  const update = accepted();
  const at = now + 20 * hour;
  expect(couldSpeak(update, { connected: true, since: now }, at)).toBe(true);
  expect(couldSpeak(update, { connected: false, since: now + hour }, at)).toBe(false);
  expect(couldSpeak(update, { connected: false, since: now + 15 * hour }, at)).toBe(true);
  expect(couldSpeak(update, { connected: false }, at)).toBe(false);
});

test('silence is noticed once, ends with the next word, and lets somebody have it tried again', () => {
  const quiet = silent(accepted(), now + 11 * hour);
  expect([isSilent(quiet), silentFrom(quiet, policy)]).toEqual([true, undefined]);
  expect(isSilent(says(quiet, 'downloading', now + 11 * hour + 1))).toBe(false);
  expect(retriedByHand(quiet, [], now + 12 * hour).state.status).toBe('accepted');
  expect(() => retriedByHand(accepted(), [], now)).toThrow(/nothing has failed/);
});
