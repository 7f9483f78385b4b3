import { describe, expect, test } from 'vitest';
import { campaign, statistics, told } from '../../cli/campaign-view.ts';
import { duration } from '../../cli/moment.ts';
import { course, lasting, reach } from '../../cli/prospect.ts';
import { told as toldUpdate, update } from '../../cli/update-view.ts';
import { type Pace, perMinuteOf, withSample } from '../../cli/watch/pace.ts';
import { picture, type Sight, tables } from '../../cli/watch/picture.ts';

const now = Date.parse('2026-11-22T09:00:00Z');
const aCampaign = (more: object = {}) =>
  campaign.parse({
    ...{ campaignId: 'cmp-1', name: 'Gateway 5.5', brand: 'volkswagen', releaseId: 'rel-1', softwareVersion: '5.5.0' },
    ...{ status: 'running', since: '2026-11-22T08:00:00Z', query: {}, priority: 100, recall: false },
    rollout: { rate: { kind: 'fixed', perMinute: 100 }, waves: [] },
    ...{ consentBy: 'owner', abort: [{ percent: 10, minimumSample: 50 }], installMinutes: 240 },
    retries: { network: { times: 5, afterMinutes: 30 } },
    ...{ author: 'a', approvals: [], createdAt: '2026-11-22T07:00:00Z' },
    ...more,
  });
const counted = (more: object = {}) =>
  statistics.parse({
    ...{ campaignId: 'cmp-1', status: 'running', byError: { health: 2 } },
    total: { installed: 40, waiting: 900, offered: 50, declined: 6, failed: 2, working: 2, removed: 7 },
    byMarket: { FR: { waiting: 100, installed: 30 }, DE: { waiting: 800, offered: 58, installed: 10, failed: 2 } },
    byModel: { 'ID.3': { waiting: 900, offered: 58, installed: 40, failed: 2 } },
    ...more,
  });
const sight = (more: Partial<Sight> = {}): Sight => ({ campaign: aCampaign(), statistics: counted(), now, ...more });
const seen = (more: Partial<Sight> = {}, rows = 40) => picture(sight(more), rows).join('\n');

describe('the picture of a campaign', () => {
  test('says how many were offered it, accepted it, have it, and failed', () => {
    expect(seen()).toMatch(/offered .* 100 of 1,000\n/);
    expect(seen()).toMatch(/accepted .* 44 of 1,000\n/);
    expect(seen()).toMatch(/installed .* 40 of 1,000\n/);
    expect(seen()).toMatch(/failed .* 2 of 42 that are through \(stops at 10 % of at least 50\)/);
    expect(seen()).toContain('waiting 900 · offered 50 · declined 6 · working 2 · installed 40 · failed 2 · removed 7');
    expect(seen()).toContain('health 2');
  });

  test('counts as failed what the platform stops for: also what is tried again', () => {
    const total = { installed: 2, retrying: 3, failed: 1 };
    expect(seen({ statistics: counted({ total }) })).toContain('4 of 6 that are through, 3 tried again (');
  });

  test('has tables that a terminal of 80 columns shows whole', () => {
    const lines = tables(counted());
    expect(lines.filter((line) => line.length > 79 && !line.includes('·'))).toEqual([]);
  });

  test('says the uptake of each country and model, the largest first', () => {
    const lines = seen().split('\n');
    const places = ['DE', 'FR', 'ID.3'].map((name) => lines.findIndex((line) => line.trim().startsWith(name)));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(lines[places[1] ?? 0]).toMatch(/FR +130 +30 +30 +30 +0 +23\.1 %/);
  });

  test('says its rate, and when all will have been offered it', () => {
    const forecast = { offeredBy: '2026-11-22T09:09:00Z', installedBy: '2026-11-22T10:00:00Z' };
    const text = seen({ perMinute: { offered: 100, installed: 7 }, statistics: counted({ forecast }) });
    expect(text).toContain('100 of 1,000, 100 a minute');
    expect(text).toContain('40 of 1,000, 7 a minute');
    expect(text).toMatch(/Everybody will have been offered it by .*\(in 9 min\)/);
    expect(text).toMatch(/at the earliest/);
  });

  test('names the time zone of every moment', () => {
    for (const [moment] of seen().matchAll(/\d\d:\d\d:\d\d.{10}/g)) expect(moment).toMatch(/GMT/);
  });

  test('finds room on a small terminal: what does not fit is added up', () => {
    const byMarket = Object.fromEntries(
      Array.from({ length: 60 }, (_, place) => [`M${place}`, { offered: 60 - place }]),
    );
    const lines = picture(sight({ statistics: counted({ byMarket }) }), 24);
    expect(lines.length).toBeLessThan(24);
    expect(lines.join('\n')).toMatch(/58 others +1,711/);
  });

  test('says who stopped it, and why', () => {
    const campaign = aCampaign({ status: 'stopped', by: 'abort-threshold', reason: '6 of 50 failed' });
    expect(seen({ campaign })).toMatch(/STOPPED since .*, by abort-threshold: 6 of 50 failed/);
    expect(told(campaign)).toEqual([expect.stringContaining('stopped by abort-threshold: 6 of 50 failed')]);
  });

  test('says so where the platform does not answer', () => {
    expect(seen({ trouble: 'No answer.' })).toMatch(/as of .*\nNo answer\./);
  });

  test('of a campaign that nobody is enlisted for yet divides by nothing', () => {
    const statistics = counted({ total: {}, byMarket: {}, byModel: {}, byError: {} });
    expect(seen({ statistics })).not.toMatch(/NaN|Infinity/);
  });
});

describe('the rate of a campaign', () => {
  const later = (pace: Pace, seconds: number, offered: number) =>
    withSample(pace, counted({ total: { offered, installed: 0 } }), now + 1000 * seconds);

  test('is that of the last minute', () => {
    let pace: Pace = [];
    for (let second = 0; second <= 120; second += 2) pace = later(pace, second, second < 60 ? 0 : (second - 60) * 5);
    expect(perMinuteOf(pace)).toEqual({ offered: 300, installed: 0 });
  });

  test('is unknown before anybody has looked twice, and never below nought', () => {
    expect(perMinuteOf(later([], 0, 5))).toBeUndefined();
    expect(perMinuteOf(later(later([], 0, 50), 30, 20))).toEqual({ offered: 0, installed: 0 });
  });
});

describe('the prospect of a plan', () => {
  test('says whom it reaches, and why not the others', () => {
    const estimate = {
      at: '2026-11-22T08:00:00Z',
      vehicles: 3,
      looked: 9,
      byMarket: { FR: 1, DE: 2 },
      byModel: { a: 3 },
    };
    expect(reach({ ...estimate, others: { 'not-needed': 6 } })).toEqual([
      'It would reach 3 vehicles; 9 were looked at.',
      '  by country   DE 2, FR 1',
      '  by model     a 3',
      '  not for      have it already 6',
    ]);
  });

  test('says what happens in which order', () => {
    const rollout = { rate: { kind: 'fixed', perMinute: 100 }, waves: [{ percent: 1, holdMinutes: 1440 }] };
    const lines = course(aCampaign({ rollout, recall: true, countries: { CH: null } }), 26_000).join('\n');
    expect(lines).toMatch(/1\. offers 5\.5\.0 to 26,000 vehicles, 100 a minute/);
    expect(lines).toMatch(/2\. pauses at 1 % \(260 vehicles\) for 1 d/);
    expect(lines).toMatch(/3\. waits in CH for ever/);
    expect(lines).toMatch(/nobody can mute it: it is a recall/);
    expect(lines).toMatch(/stops by itself when 10 % of at least 50 vehicles failed/);
  });

  test('says how long the rate and the quotas have it take', () => {
    // 26,000 at 1,000 a minute; half of them accept, and 3,000 a minute can join.
    const rollout = { rate: { kind: 'fixed', perMinute: 1000 }, waves: [] };
    expect(lasting(aCampaign({ rollout }), 26_000, now).join(' ')).toMatch(/offered it after 26 min/);
    const unlimited = { rate: { kind: 'unlimited' }, waves: [] };
    expect(lasting(aCampaign({ rollout: unlimited }), 900_000, now).join(' ')).toMatch(/through after 2 h 30 min/);
  });
});

test('a duration is told in its two largest units', () => {
  expect([0, 8000, 61_000, 3_600_000, 100_000_000].map(duration)).toEqual([
    ...['0 s', '8 s', '1 min 1 s', '1 h', '1 d 3 h'],
  ]);
});

test('an update tells where it stands, what is offered, and how it came to that', () => {
  const lines = toldUpdate(
    update.parse({
      ...{ campaignId: 'cmp-1', releaseId: 'rel-1', softwareVersion: '5.5.0', status: 'failed', attempt: 2 },
      ...{ error: 'health', detail: 'gateway', safety: 'safe', changedAt: '2026-11-22T08:00:00Z' },
      story: [
        { at: '2026-11-22T07:00:00Z', what: 'offered' },
        { at: '2026-11-22T07:10:00Z', what: 'accepted', by: 'driver' },
        { at: '2026-11-22T07:20:00Z', what: 'phase', phase: 'installing' },
        { at: '2026-11-22T08:00:00Z', what: 'failed', error: 'health', safety: 'safe' },
      ],
    }),
  ).join('\n');
  expect(lines).toMatch(/^cmp-1 +5\.5\.0 +failed, attempt 2: health, gateway\n/);
  expect(lines).toMatch(/story .*offered\n.*accepted by driver\n.*installing\n.*failed: health, safe$/);
});
