import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { planSchema } from '#functions/api/routes/campaign-plan.ts';
import { repository } from '#local/assembly.ts';
import { type PlanFlags, planOf, readPlanFile } from '../../cli/campaign-plan.ts';
import { withPace, withQuery, withSchedule } from '../../cli/commands/plan-options.ts';

/** What `fleetloom campaign plan …` makes of words. */
function flags(...words: readonly string[]): PlanFlags {
  const command = new Command()
    .option('--name <text>')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  withSchedule(withPace(withQuery(command)));
  return command.parse(words, { from: 'user' }).opts();
}

describe('a plan from a command line', () => {
  test('says whom it is for, in lists and again and again', () => {
    const { query } = planOf(
      {},
      flags('--market', 'FR,DE', '--model', 'ID.3', '--model', 'e-up!', '--software', '4.2'),
    );
    expect(query).toEqual({ markets: ['FR', 'DE'], models: ['ID.3', 'e-up!'], softwareVersions: ['4.2'] });
  });

  test('says how fast, in which waves, and when', () => {
    const words = ['--growing-rate', '10:2:1000:5000', '--wave', '1:24h:95', '--wave', '20%:90m'];
    const plan = planOf({}, flags(...words, '--start-at', '2126-11-23T09:00:00+01:00'));
    expect(plan['rollout']).toEqual({
      rate: {
        kind: 'exponential',
        basePerMinute: 10,
        factor: 2,
        every: 1000,
        mostPerMinute: 5000,
        counts: 'installed',
      },
      waves: [
        { percent: 1, holdMinutes: 1440, leastSuccessPercent: 95 },
        { percent: 20, holdMinutes: 90 },
      ],
      startAt: '2126-11-23T08:00:00.000Z',
    });
  });

  test('says when it stops, and what is tried again', () => {
    const plan = planOf(
      {},
      flags('--abort', '10:50', '--abort', '1:50:health,verification', '--retry', 'network=5:30m'),
    );
    expect(plan).toMatchObject({
      abort: [
        { percent: 10, minimumSample: 50 },
        { percent: 1, minimumSample: 50, errors: ['health', 'verification'] },
      ],
      retries: { network: { times: 5, afterMinutes: 30 } },
    });
    expect(planOf({}, flags('--abort', 'never', '--retry', 'none'))).toMatchObject({ abort: [], retries: {} });
  });

  test('holds countries back for a while, or for ever', () => {
    const plan = planOf({}, flags('--country', 'FR=2026-12-01T08:00Z', '--country', 'CH=never'));
    expect(plan['countries']).toEqual({ FR: '2026-12-01T08:00:00.000Z', CH: null });
  });

  test('leaves everything else of the file as it is', () => {
    const file = { name: 'France', query: { markets: ['FR'], models: ['ID.3'] }, rollout: { waves: [] } };
    expect(planOf(file, flags('--market', 'DE', '--rate', '100'))).toEqual({
      name: 'France',
      query: { markets: ['DE'], models: ['ID.3'] },
      rollout: { waves: [], rate: { kind: 'fixed', perMinute: 100 } },
    });
  });

  test('says the same as the example of the documentation', () => {
    const example = readPlanFile(join(repository, 'docs/examples/campaign/france.json'));
    const whom = ['--name', 'Gateway 5.5 for French ID.3', '--model', 'ID.3', '--market', 'FR'];
    const how = ['--growing-rate', '100:2:1000:5000', '--wave', '1:24h:95', '--wave', '20:24h:95'];
    const until = ['--software', '5.4.1,5.4.2', '--abort', '5:100', '--abort', '1:100:health,verification'];
    expect(planOf({}, flags(...whom, ...how, ...until))).toEqual(planOf(example, {}));
    expect(planSchema.safeParse({ ...planOf(example, {}), releaseId: 'rel-1' }).error).toBeUndefined();
  });

  test.each([
    [['--wave', '1:soon'], 'no duration'],
    [['--rate', 'fast'], 'no number'],
    [['--start-at', '2026-11-23 09:00'], 'with its zone'],
    [['--start-at', '2020-11-23T09:00Z'], 'is over already'],
    [['--wave', '50'], 'PERCENT:HOLD'],
    [['--market', 'FR,,DE'], 'commas'],
    [['--abort', '10'], 'PERCENT:SAMPLE'],
    [['--retry', 'network'], 'ERROR=TIMES:PAUSE'],
    [['--rate', '1', '--growing-rate', '1:2:3:4'], 'cannot be used with'],
  ])('is not understood where it says %j, and says how to say it', (words, hint) => {
    expect(() => flags(...words)).toThrow(expect.objectContaining({ message: expect.stringContaining(hint) }));
    expect(() => flags(...words)).toThrow(CommanderError);
  });
});
