import type { CarSeen, Entry, History, Operation } from './history.ts';

type Written = Partial<Operation> & Pick<Operation, 'operation'>;

/** A history written by hand: operations one after another, each from 10·n to 10·n + 8 unless it says otherwise. */
export function written(operations: readonly Written[], entries: readonly Omit<Entry, 'kind'>[] = []): History {
  return {
    head: { kind: 'history', format: 1, guard: 30_000, skew: 5_000, complete: true, settled: true },
    operations: operations.map((one, place) => {
      const invokedAt = one.invokedAt ?? 10 * place;
      return {
        ...{ kind: 'operation', id: place, client: `c${place}`, outcome: 'done', operator: 'we-share' },
        ...{ car: 'car-1', invokedAt, returnedAt: invokedAt + 8, ...one },
      };
    }),
    entries: entries.map((entry) => ({ kind: 'entry', ...entry })),
  };
}

/** What an operation says that it wrote. */
export function wrote(version: number, fence: number, reservation: string | null, rest: Partial<CarSeen> = {}) {
  const state = reservation === null ? 'available' : 'reserved';
  return { seen: [{ of: 'car', car: 'car-1', version, fence, reservation, state, wrote: true, ...rest } as const] };
}
