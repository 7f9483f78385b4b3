import type { HopRecord, TraceRecord } from '#local/trace/hop-record.ts';

export const car = 'veh-aaaaaaaaaaaaaaaaaaaa';
export const otherCar = 'veh-bbbbbbbbbbbbbbbbbbbb';
export const traceId = '1-67404d20-5759e988bd862e3fe1be46a9';

export function hopOf(given: Partial<HopRecord> & Pick<HopRecord, 'id' | 'kind' | 'label'>): HopRecord {
  return {
    ...{ traces: [traceId], parents: [], at: 0, took: 1000, units: {}, shares: 1, outcome: 'ok', notes: [] },
    ...{ vehicles: [], requests: [] },
    ...given,
  };
}

export function traceOf(hops: readonly HopRecord[], left = 0): TraceRecord {
  return { traceId, startedAt: Date.UTC(2026, 10, 22, 14, 3, 22, 118), hops: [...hops], left };
}
