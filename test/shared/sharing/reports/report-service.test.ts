import { expect, test } from 'vitest';
import { ChargeWatch } from '#shared/sharing/reports/charge-watch.ts';
import { ReportService } from '#shared/sharing/reports/report-service.ts';
import { sharingReportSchema } from '#shared/sharing/reports/sharing-report.ts';
import type { ListedBooking, Noted } from '#shared/sharing/search/listing.ts';
import type { FleetVehicle } from '#shared/sharing/setup/system.ts';
import type { SharingAnswer } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { sampleSystem, sampleZones } from '../../../support/sharing-city.ts';

const vehicleId = aVehicleId();
const booking: ListedBooking = { vehicleTypeId: 'e-golf', label: 'x', state: 'available', version: 1, freeFrom: 0 };
const car: FleetVehicle = {
  ...{ vehicleId, systemId: sampleSystem.systemId, operatorId: sampleSystem.operatorId, vehicleTypeId: 'e-golf' },
  ...{ label: 'B-WS 1E', speaks: 'device', version: 1 },
};

function world({ vehicle = car, noted = { kind: 'noted', booking } }: { vehicle?: FleetVehicle; noted?: Noted } = {}) {
  const state: { vehicle: FleetVehicle | undefined } = { vehicle };
  const lines: string[] = [];
  const answers: SharingAnswer[] = [];
  const moved: string[] = [];
  const bookings = {
    chargeLow: async () => moved.push('low') > 0,
    chargeWell: async () => moved.push('well') > 0,
    admitted: async (_: string, fence: number) => fence > 4,
    change: async () => undefined,
  };
  const setup = {
    fleetVehicle: async () => state.vehicle,
    saveVehicle: async (next: FleetVehicle, seen: FleetVehicle) => {
      if (state.vehicle?.version !== seen.version) return 'not-as-seen' as const;
      state.vehicle = next;
      return 'written' as const;
    },
    zones: async () => sampleZones,
    system: async () => sampleSystem,
  };
  const reports = new ReportService({
    ...{ setup, bookings, charges: new ChargeWatch({ setup, bookings }) },
    listings: { noteStatus: async () => noted },
    logs: {
      async take(_, events) {
        lines.push(...events);
        return { kept: events.length, refused: 0 };
      },
    },
    answers: { send: async (_, answer) => void answers.push(answer) },
  });
  return { reports, state, lines, answers, moved };
}

const status = (charge: number) => ({ kind: 'status' as const, boot: 1, sequence: 1, at: 1, charge });

test('the first key for its log that a vehicle names is kept, and no other before an operator clears it', async () => {
  const { reports, state } = world();
  expect(await reports.hear(vehicleId, { kind: 'log-key', logKey: 'first' })).toBe('heard');
  expect(await reports.hear(vehicleId, { kind: 'log-key', logKey: 'first' })).toBe('old');
  expect(await reports.hear(vehicleId, { kind: 'log-key', logKey: 'second' })).toBe('other-log-key');
  expect(state.vehicle).toMatchObject({ logKey: 'first', version: 2 });
});

test('a log that overtakes its key waits for it, and nothing of it is lost', async () => {
  const { reports, lines } = world();
  const log = { kind: 'log' as const, events: ['line'] };
  await expect(reports.hear(vehicleId, log)).rejects.toThrow('not known yet');
  await reports.hear(vehicleId, { kind: 'log-key', logKey: 'first' });
  expect(await reports.hear(vehicleId, log)).toBe('heard');
  expect(lines).toEqual(['line']);
});

test('a vehicle below its minimum leaves service, comes back when it is well above, and nobody is taken out of a trip', async () => {
  const judged = async (state: ListedBooking['state'], charge: number) => {
    const { reports, moved } = world({ noted: { kind: 'noted', booking: { ...booking, state } } });
    await reports.hear(vehicleId, status(charge));
    return moved;
  };
  expect(await judged('available', 14)).toEqual(['low']);
  expect(await judged('available', 15)).toEqual([]);
  expect(await judged('reserved', 14)).toEqual(['low']);
  expect(await judged('reserved', 15)).toEqual([]);
  expect(await judged('on_trip', 3)).toEqual([]);
  expect(await judged('non_operational', 19)).toEqual([]);
  expect(await judged('non_operational', 20)).toEqual(['well']);
});

test('a status that is overtaken by a newer one changes nothing', async () => {
  const { reports, moved } = world({ noted: { kind: 'old' } });
  expect(await reports.hear(vehicleId, status(1))).toBe('old');
  expect(moved).toEqual([]);
});

test('a vehicle that asks gets the zones of its city, and one that is not shared gets nothing', async () => {
  const { reports, state, answers } = world();
  const ask = { kind: 'ask-zones' as const, requestId: 'r1' };
  expect(await reports.hear(vehicleId, ask)).toBe('heard');
  expect(answers).toEqual([{ kind: 'zones', requestId: 'r1', zones: sampleZones }]);
  state.vehicle = undefined;
  expect(await reports.hear(vehicleId, ask)).toBe('not-shared');
  expect(answers).toHaveLength(1);
});

test.each([
  ['a place off the globe', { ...status(50), place: { latitude: 91, longitude: 0 } }],
  ['a charge beyond full', status(101)],
  ['no line at all', { kind: 'log', events: [] }],
  ['more lines than a message holds', { kind: 'log', events: Array.from({ length: 41 }, () => 'a') }],
  ['a line that is no base64url', { kind: 'log', events: ['not base64'] }],
  ['a negative fence', { kind: 'admits', statementVersion: 1, minimumFence: -1, zonesVersion: 1, at: 1 }],
])('a report with %s is none', (_, report) => {
  expect(sharingReportSchema.safeParse(report).success).toBe(false);
});
