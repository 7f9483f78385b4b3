import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import { adviceFor } from '#shared/ota/assistance/advice.ts';
import { type AssistanceCase, closed, givenReasons, isOpen, towed, urgencyOf } from '#shared/ota/assistance/case.ts';
import { heard, troubleOf } from '#shared/ota/assistance/trouble.ts';
import { cancelled, concluded, repaired, retriedByHand } from '#shared/ota/updates/course.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import { silent } from '#shared/ota/updates/silence.ts';
import { isFinal, isUnderWay, type Update } from '#shared/ota/updates/update.ts';
import { aBrand } from '../../../contract/samples.ts';
import { course, events } from '../updates/courses.ts';
import { aCampaignId, anOffered, now, policy } from '../updates/updates.ts';

const hour = 3_600_000;
const accepted = () =>
  decided(
    anOffered(),
    [],
    { decision: { kind: 'accept', from: now, to: now + 24 * hour }, revision: 1, by: { by: 'driver' } },
    now,
  );
const failed = (update: Update, safety: 'safe' | 'unsafe-to-drive', attempt = 1) =>
  concluded(
    update,
    {
      ...{ kind: 'result', campaignId: aCampaignId(), attempt, sequence: 5, safety, ecus: [], at: now },
      ...{ outcome: 'failed', error: 'unrecovered', detail: 'engine: starts from neither slot' },
    },
    policy,
    now,
  );
const caseOf = (updates: readonly Update[]) =>
  updates.reduce<AssistanceCase | undefined>((known, update) => heard(known, update, aBrand(), now), undefined);

test('however often the changes of an update come, its case is opened and closed once for each reason', () => {
  fc.assert(
    fc.property(events, fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 8 }), (said, repeats) => {
      const states = course(said);
      const delivered = states.flatMap((state, place) => [
        state,
        ...repeats.filter(([after]) => after === place).flatMap(([, from]) => states.slice(from, place + 1)),
      ]);
      expect(caseOf(delivered)).toEqual(caseOf(states));
    }),
    { numRuns: 300 },
  );
});

test('what is wrong has an open case, and what came right or was taken back has none', () => {
  fc.assert(
    fc.property(events, (said) => {
      const states = course(said);
      const last = states.at(-1);
      const one = caseOf(states);
      if (last === undefined) return;
      const isWrong = troubleOf(last) !== undefined;
      if (isWrong) expect(one !== undefined && isOpen(one)).toBe(true);
      if (isFinal(last) && !isWrong) expect(one !== undefined && isOpen(one)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('a vehicle that must not be driven is given up by nobody before it was towed or repaired', () => {
  const one = caseOf([failed(accepted(), 'unsafe-to-drive')]);
  if (one === undefined) throw new Error('no case');
  expect(urgencyOf(one.trouble)).toBe('unsafe');
  const entry = { at: now, by: 'operator' };
  for (const reason of givenReasons) {
    const close = () => closed(one, entry, reason);
    if (reason === 'repaired') expect(close().state.status).toBe('closed');
    else expect(close).toThrow(Failure);
    expect(closed(towed(one, entry), entry, reason).state.status).toBe('closed');
  }
});

test('a vehicle whose case was closed and that fails again has an open one again, and stands on the road again', () => {
  const first = failed(accepted(), 'unsafe-to-drive');
  const one = caseOf([first]);
  if (one === undefined) throw new Error('no case');
  const entry = { at: now, by: 'operator' };
  const shut = closed(towed(one, entry), entry, 'other');
  expect(heard(shut, first, aBrand(), now)).toBe(shut);
  const again = heard(shut, failed(retriedByHand(first, [], now, true), 'unsafe-to-drive', 2), aBrand(), now + 5);
  expect(again).toMatchObject({ state: { status: 'open' }, openedAt: now + 5 });
  expect(again?.towedAt).toBeUndefined();
});

test('what a workshop has made safe is not urgent any more, and waits for a person, however often it is told', () => {
  const unsafe = failed(accepted(), 'unsafe-to-drive');
  const word = { kind: 'repaired', campaignId: aCampaignId(), attempt: 1, sequence: 6, ecus: [], at: now } as const;
  const safe = repaired(unsafe, word, now + hour);
  const one = caseOf([unsafe, safe]);
  if (one === undefined) throw new Error('no case');
  expect(one).toMatchObject({ state: { status: 'open' }, trouble: { safety: 'safe', error: 'unrecovered' } });
  expect([urgencyOf(one.trouble), one.entries.map(({ what }) => what)]).toEqual(['failed', ['opened']]);
  expect(adviceFor(one, safe, { connected: false }).map(({ action }) => action)).toEqual(['close', 'retry']);
  expect(caseOf([unsafe, safe, unsafe, safe, safe])).toEqual(one);
  for (const reason of givenReasons)
    expect(closed(one, { at: now, by: 'operator' }, reason).state.status).toBe('closed');
  // Tried again and installed, it closes by itself; unsafe again, it is urgent again.
  const again = retriedByHand(safe, [], now + hour);
  const worse = heard(one, failed(again, 'unsafe-to-drive', 2), aBrand(), now + hour);
  expect(worse && urgencyOf(worse.trouble)).toBe('unsafe');
});

test('a case that a person has closed as repaired is opened by nothing that the workshop says afterwards', () => {
  const unsafe = failed(accepted(), 'unsafe-to-drive');
  const one = caseOf([unsafe]);
  if (one === undefined) throw new Error('no case');
  const shut = closed(one, { at: now, by: 'operator' }, 'repaired');
  const word = { kind: 'repaired', campaignId: aCampaignId(), attempt: 1, sequence: 6, ecus: [], at: now } as const;
  expect(heard(shut, repaired(unsafe, word, now + hour), aBrand(), now + hour)).toBe(shut);
});

test('silence opens a case, and a word after it is written into it', () => {
  const quiet = silent(accepted(), now + 50 * hour);
  const one = caseOf([quiet]);
  expect(one).toMatchObject({ trouble: { kind: 'stuck' }, state: { status: 'open' } });
});

type Deed = 'fails' | 'retry' | 'cancel' | 'silence' | 'installs' | 'tow' | 'give-up' | 'repair';

/** What platform and agents make of a vehicle that came out of an update unsafe. */
class UnsafeStory {
  update = failed(accepted(), 'unsafe-to-drive');
  one = heard(undefined, this.update, aBrand(), now);
  /** Somebody looks at it, or it is whole again. */
  lookedAfter = false;
  #attempt = 1;

  do(deed: Deed): void {
    try {
      this.#become(deed);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }

  #become(deed: Deed): void {
    const { update, one } = this;
    if (one === undefined) throw new Error('no case');
    const entry = { at: now, by: 'operator' };
    const heardOf = (next: Update) => {
      this.update = next;
      this.one = heard(one, next, aBrand(), now);
    };
    switch (deed) {
      case 'retry':
        heardOf(retriedByHand(update, [], now, one.towedAt !== undefined));
        break;
      case 'fails':
        heardOf(failed(update, 'unsafe-to-drive', ++this.#attempt));
        break;
      case 'installs': {
        const about = { campaignId: aCampaignId(), attempt: ++this.#attempt, sequence: 5, ecus: [], at: now } as const;
        const word = { kind: 'result', ...about, safety: 'safe', outcome: 'installed', softwareVersion: '5' } as const;
        heardOf(concluded(update, word, policy, now));
        if (this.update.state.status === 'installed') this.lookedAfter = true;
        break;
      }
      case 'cancel':
        heardOf(cancelled(update, 'operator', now, 'assistance'));
        break;
      case 'silence':
        if (isUnderWay(update)) heardOf(silent(update, now));
        break;
      case 'tow':
        this.one = towed(one, entry);
        this.lookedAfter = true;
        break;
      case 'give-up':
        this.one = closed(one, entry, 'unreachable');
        break;
      case 'repair':
        this.one = closed(one, entry, 'repaired');
        this.lookedAfter = true;
    }
  }
}

test('whatever is done in whatever order, no vehicle that must not be driven is forgotten on the road', () => {
  const deeds: readonly Deed[] = ['fails', 'retry', 'cancel', 'silence', 'installs', 'tow', 'give-up', 'repair'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...deeds), { maxLength: 12 }), (done) => {
      const story = new UnsafeStory();
      for (const deed of done) {
        story.do(deed);
        if (story.lookedAfter) return;
        expect(story.one).toMatchObject({ state: { status: 'open' }, trouble: { safety: 'unsafe-to-drive' } });
      }
    }),
    { numRuns: 500 },
  );
});

test('what was retried in a workshop and falls silent, or is cancelled there, still must not be driven', () => {
  for (const last of ['silence', 'cancel'] as const) {
    const story = new UnsafeStory();
    for (const deed of ['tow', 'retry', last] as const) story.do(deed);
    expect(story.one, last).toMatchObject({ state: { status: 'open' }, trouble: { safety: 'unsafe-to-drive' } });
  }
});
