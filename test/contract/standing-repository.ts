import { beforeAll, expect, test } from 'vitest';
import { freshStanding, type Standing } from '#shared/access/standing.ts';
import type { StandingRepository } from '#shared/access/standing-repository.ts';
import { anOperationId } from './samples.ts';

export function standingRepositoryContract(make: () => Promise<StandingRepository>): void {
  let standings: StandingRepository;
  beforeAll(async () => {
    standings = await make();
  });
  const fresh = freshStanding({ rate: 3, burst: 10 }, 1_000);
  const later: Standing = {
    bucket: { tokens: 10 / 3, filledAt: 2_000 },
    conduct: { since: 1_000, requests: 7, ignored: 2, nonsense: 1 },
    circuit: { openedAt: 1_500, until: 61_500, times: 1, reason: 'nonsense' },
  };

  test('a client of whom nothing was written down has no quota of its own and no standing', async () => {
    expect(await standings.quota('stranger')).toBeUndefined();
    expect(await standings.load('stranger')).toBeUndefined();
  });

  test('a standing comes back as it was saved, fractions of tokens and all', async () => {
    const id = anOperationId();
    expect(await standings.save(id, fresh, undefined)).toBe(true);
    expect(await standings.save(id, later, fresh)).toBe(true);
    expect(await standings.load(id)).toEqual(later);
  });

  test('of two that saw the same standing one settles', async () => {
    const id = anOperationId();
    const first = await Promise.all([standings.save(id, fresh, undefined), standings.save(id, fresh, undefined)]);
    expect(first.filter(Boolean)).toHaveLength(1);
    const seen = await standings.load(id);
    const second = await Promise.all([standings.save(id, later, seen), standings.save(id, later, seen)]);
    expect(second.filter(Boolean)).toHaveLength(1);
    expect(await standings.save(id, fresh, fresh)).toBe(false);
  });
}
