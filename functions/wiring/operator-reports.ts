import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { brandsOf } from '#shared/registry/brand.ts';
import type { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import type { Payments } from '#shared/sharing/payments/payments.ts';
import type { ChargePorts } from '#shared/sharing/reports/charge-watch.ts';
import { ChargeWatch } from '#shared/sharing/reports/charge-watch.ts';
import { OperatorReportService, reportContradicts } from '#shared/sharing/reports/operator-report-service.ts';
import type { StatusPorts } from '#shared/sharing/reports/status-board.ts';
import { StatusBoard } from '#shared/sharing/reports/status-board.ts';
import { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { type LogPorts, LogService } from '#shared/sharing/trips/log-service.ts';
import { type TripPorts, TripService } from '#shared/sharing/trips/trip-service.ts';
import { setting } from '../environment.ts';
import { wirePayments } from './payments.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';

type Ports = Omit<LogPorts, 'trips' | 'read' | 'refuse'> &
  TripPorts &
  ChargePorts &
  Pick<StatusPorts, 'listings'> & {
    readonly door: SharingDoor;
    readonly bookings: Pick<BookingService, 'driver'>;
    readonly payments: Pick<Payments, 'authorize'>;
  };

export function wireOperatorReports(client: DynamoDBDocumentClient): OperatorReportService {
  const parts = sharingParts(client);
  const door = new SharingDoor(parts.setup, brandsOf(setting('BRANDS')));
  return operatorReports({ ...parts, ...tripParts(client, parts), door, payments: wirePayments(client) });
}

/** What operators' clients say of vehicles that do not speak for themselves. */
export function operatorReports(ports: Ports) {
  const { setup, bookings, listings, door, payments, trips, clock } = ports;
  const logs = new LogService({
    ...ports,
    trips: new TripService(ports),
    // Nothing signed comes this way.
    read: () => ({ kind: 'refused', reason: 'unreadable' }),
    refuse: async () => {
      throw reportContradicts();
    },
  });
  const statuses = new StatusBoard({ listings, charges: new ChargeWatch({ setup, bookings }) });
  const deposits = { service: bookings, setup, payments };
  return new OperatorReportService({ door, bookings, statuses, logs, trips, deposits, clock });
}
