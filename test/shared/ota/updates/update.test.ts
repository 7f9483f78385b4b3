import { describe, expect, test } from 'vitest';
import {
  cancelled,
  concluded,
  nextBehind,
  offered,
  ownerChanged,
  type Progress,
  progressed,
  type Result,
  repaired,
  retried,
  timedOut,
} from '#shared/ota/updates/course.ts';
import { type Decided, decided, reminderAfter } from '#shared/ota/updates/decision.ts';
import { offerStateOf, shown } from '#shared/ota/updates/offer.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { aCampaignId, anOffered, anUpdate, now, policy } from './updates.ts';

const hour = 3_600_000;
const window = { from: now, to: now + 6 * hour };
const accept = (revision: number): Decided => ({
  ...{ decision: { kind: 'accept', ...window }, revision, by: { by: 'driver' } },
});
const decline = (revision: number): Decided => ({ decision: { kind: 'decline' }, revision, by: { by: 'driver' } });
const accepted = (update = anOffered()) => decided(update, [], accept(update.revision), now);

const progress = (changes: Partial<Progress> = {}): Progress => ({
  ...{
    kind: 'progress',
    campaignId: aCampaignId(),
    attempt: 1,
    sequence: 1,
    phase: 'downloading',
    percent: 0,
    at: now,
  },
  ...changes,
});
const about = {
  kind: 'result',
  campaignId: aCampaignId(),
  attempt: 1,
  sequence: 9,
  safety: 'safe',
  ecus: [],
  at: now,
} as const;
const installed: Result = { ...about, outcome: 'installed', softwareVersion: '5.0.0' };
const failed = (changes: Partial<Extract<Result, { outcome: 'failed' }>> = {}): Result => ({
  ...{ ...about, outcome: 'failed', error: 'network', detail: 'no line' },
  ...changes,
});
const installing = (update: Update = accepted()) =>
  progressed(update, progress({ phase: 'installing', sequence: 2 }), now);

describe('given an offer', () => {
  test('accepting it twice consents once, and the same words of another revision do nothing', () => {
    const first = accepted();
    expect(decided(first, [], accept(anOffered().revision), now + 5)).toBe(first);
    expect(() => decided(first, [], decline(anOffered().revision), now)).toThrow(/not the one/);
  });

  test('who declines is reminded after two days, and may still accept', () => {
    const later = decided(anOffered(), [], decline(1), now);
    expect(later.state).toEqual({ status: 'declined', remindAt: now + reminderAfter });
    expect(accepted(later).state.status).toBe('accepted');
  });

  test('a recall cannot be muted, anything else can', () => {
    const mute: Decided = { ...decline(1), decision: { kind: 'mute' } };
    expect(decided(anOffered(), [], mute, now).state.status).toBe('muted');
    expect(() => decided(anOffered({ recall: true }), [], mute, now)).toThrow(/recall/);
  });

  test('a window that is over, or none, is refused', () => {
    const at = (from: number, to: number): Decided => ({ ...accept(1), decision: { kind: 'accept', from, to } });
    for (const made of [at(now - 2 * hour, now - hour), at(now, now + 1), at(now, now + 40 * 24 * hour)]) {
      expect(() => decided(anOffered(), [], made, now)).toThrow(/window/);
    }
  });

  test('a driver does not consent for a fleet, nor an operator for an owner', () => {
    const byOperator: Decided = { ...accept(1), by: { by: 'operator', clientId: 'fleet' } };
    expect(() => decided(anOffered({ consentBy: 'operator' }), [], accept(1), now)).toThrow(/operator/);
    expect(() => decided(anOffered(), [], byOperator, now)).toThrow(/owner/);
    expect(decided(anOffered({ consentBy: 'operator' }), [], byOperator, now).state.status).toBe('accepted');
  });

  test('nothing is accepted while another update of the vehicle is under way', () => {
    const other = accepted(anOffered({ campaignId: aCampaignId(1) }));
    expect(() => decided(anOffered(), [other], accept(1), now)).toThrow(/another/);
  });

  test('a cancel and a consent that race end in the one that came first', () => {
    const gone = cancelled(anOffered(), 'manager', now);
    expect(() => decided(gone, [], accept(1), now)).toThrow(/cancelled/);
    expect(cancelled(accepted(), 'manager', now).state.status).toBe('cancelled');
  });
});

describe('overlapping campaigns', () => {
  const urgent = () => anUpdate({ campaignId: aCampaignId(1), priority: 200 });

  test('a more urgent offer lets a lesser one wait, which follows when it is over', () => {
    const first = offered(urgent(), [], now);
    const second = offered(anUpdate(), [first], now);
    expect(second.state).toEqual({ status: 'waiting', behind: true });
    expect(nextBehind([cancelled(first, 'manager', now), second])).toBe(second);
  });

  test('of two offers the screen shows what is under way, else the more urgent one', () => {
    const [lesser, greater] = [anOffered(), offered(urgent(), [], now)];
    expect(shown([lesser, greater])).toBe(greater);
    const begun = accepted(lesser);
    expect(shown([begun, greater])).toBe(begun);
  });
});

describe('given a consent', () => {
  test('progress is news once, and only as long as it rises', () => {
    const one = progressed(accepted(), progress({ sequence: 2 }), now + hour);
    expect(one.state).toMatchObject({ status: 'working', phase: 'downloading' });
    expect(progressed(one, progress({ sequence: 2, phase: 'installing' }), now)).toBe(one);
    expect(progressed(one, progress({ sequence: 1, phase: 'installing' }), now)).toBe(one);
  });

  test('a download that is over in minutes costs no write, and its end still counts', () => {
    const quick = progressed(accepted(), progress(), now + 60_000);
    expect(quick.state.status).toBe('accepted');
    expect(concluded(quick, installed, policy, now + 120_000).state.status).toBe('installed');
  });

  test('while control units are written nobody interrupts it, and its offer stays accepted', () => {
    const busy = installing();
    expect(() => cancelled(busy, 'manager', now)).toThrow(/written/);
    expect(() => decided(busy, [], decline(busy.revision), now)).toThrow(/written/);
    expect(offerStateOf(busy)).toMatchObject({ status: 'accepted' });
  });

  test('a result is final: whatever comes later changes nothing', () => {
    const done = concluded(installing(), installed, policy, now);
    expect(done.state.status).toBe('installed');
    expect(concluded(done, failed({ sequence: 12 }), policy, now)).toBe(done);
    expect(progressed(done, progress({ sequence: 12 }), now)).toBe(done);
    expect(timedOut(done, policy, now + 9 * hour)).toBe(done);
  });

  test('a failure is tried again after a pause that doubles, as often as its class is worth', () => {
    const once = concluded(accepted(), failed(), policy, now);
    expect(once.state).toMatchObject({ status: 'retrying', due: now + hour / 2 });
    expect(retried(once, now)).toBe(once);
    const again = retried(once, now + hour);
    const twice = concluded(again, failed({ attempt: 2 }), policy, now);
    expect(twice.state).toMatchObject({ status: 'retrying', due: now + hour });
    const last = concluded(retried(twice, now + hour), failed({ attempt: 3 }), policy, now);
    expect(last.state).toMatchObject({ status: 'failed', error: 'network' });
  });

  test('what is due after the time that was chosen is offered anew, since nobody has consented to another one', () => {
    const once = concluded(accepted(), failed({ error: 'network' }), policy, now);
    expect(retried(once, now + 6 * hour).state).toEqual({ status: 'offered' });
  });

  test('what is not safe to drive is not tried again by itself', () => {
    expect(concluded(accepted(), failed({ safety: 'unsafe-to-drive' }), policy, now).state).toMatchObject({
      ...{ status: 'failed', safety: 'unsafe-to-drive' },
    });
  });

  test('what a workshop has repaired stays failed, and says once that the vehicle may be driven again', () => {
    const unsafe = concluded(installing(), failed({ error: 'unrecovered', safety: 'unsafe-to-drive' }), policy, now);
    const report = {
      kind: 'repaired',
      campaignId: aCampaignId(),
      attempt: 1,
      sequence: 10,
      ecus: [],
      at: now,
    } as const;
    const safe = repaired(unsafe, report, now + hour);
    expect(safe.state).toMatchObject({ status: 'failed', error: 'unrecovered', safety: 'safe' });
    expect(safe.story.at(-1)).toEqual({ at: now + hour, what: 'repaired' });
    expect(repaired(safe, report, now + hour)).toBe(safe);
    expect(repaired(unsafe, { ...report, attempt: 0 }, now)).toBe(unsafe);
    expect(repaired(accepted(), report, now).state.status).toBe('accepted');
  });

  test('silence ends an installation, and a word after it is still heard where it is tried again', () => {
    const busy = installing();
    expect(timedOut(busy, policy, now + hour / 2)).toBe(busy);
    const over = timedOut(busy, policy, now + hour);
    expect(over.state).toMatchObject({ status: 'failed', error: 'timed-out' });
    expect(concluded(over, installed, policy, now + hour)).toBe(over);
    expect(progressed(over, progress({ sequence: 12, phase: 'checking' }), now + hour)).toBe(over);
    const patient = { ...policy, retries: { 'timed-out': { times: 1, afterMinutes: 60 } } };
    const lost = timedOut(busy, patient, now + hour);
    expect(concluded(lost, installed, patient, now + hour).state.status).toBe('installed');
  });

  test('a failure of an attempt that is over does not fail the next one', () => {
    const once = concluded(accepted(), failed(), policy, now);
    const again = retried(once, now + hour);
    expect(concluded(again, failed({ sequence: 99 }), policy, now)).toBe(again);
  });
});

describe('given another owner', () => {
  const since = now + 1000;

  test('what the former one decided is void, and the new one is offered it', () => {
    const declined = decided(anOffered(), [], decline(1), now);
    for (const update of [declined, accepted(), progressed(accepted(), progress(), now + hour)]) {
      const next = ownerChanged(update, since, since + 5);
      expect(next.state).toEqual({ status: 'offered' });
      expect(next.revision).toBe(update.revision + 1);
      expect(ownerChanged(next, since, since + 9)).toBe(next);
    }
  });

  test('a consent that is younger than the change stays', () => {
    const late = decided(anOffered(), [], accept(1), since + 10);
    expect(ownerChanged(late, since, since + 20)).toBe(late);
  });

  test('an installation is finished, and not tried again without the new owner', () => {
    const busy = ownerChanged(installing(), since, since + 1);
    expect(busy.state).toMatchObject({ status: 'working', consent: { voided: true } });
    expect(concluded(busy, installed, policy, since + 2).state.status).toBe('installed');
    expect(concluded(busy, failed(), policy, since + 2).state).toEqual({ status: 'offered' });
  });
});
