import type { PartnerPackage } from './package.ts';
import { isToldSo } from './told.ts';

/** For the partner whose package it is. */
export interface PackageChanged {
  readonly clientId: string;
  readonly packageId: string;
  readonly systemId: string;
  readonly operatorId: string;
  readonly status: string;
  readonly leg: string;
  readonly reason?: string;
  readonly at: number;
}

/** For the operator, whose own means open and lock what has no device of ours. */
export interface LegAsked {
  readonly operatorId: string;
  readonly systemId: string;
  readonly vehicleId: string;
  readonly label: string;
  readonly reservationId: string;
  readonly operation: 'start' | 'pause' | 'resume' | 'end';
  readonly at: number;
}

export interface PackageEvents {
  changed(event: PackageChanged, eventId: string): Promise<void>;
  asked(event: LegAsked, eventId: string): Promise<void>;
}

/** What a write of a package has to tell; the same write told again tells the same. */
export async function tell(
  before: PartnerPackage | undefined,
  after: PartnerPackage,
  events: PackageEvents,
): Promise<void> {
  const { packageId, clientId, systemId, operatorId, vehicleId, label, reservationId, told, toldAt, asked } = after;
  const eventId = `${packageId}-${after.version}`;
  if (before === undefined || !isToldSo(before.told, told)) {
    await events.changed({ ...{ clientId, packageId, systemId, operatorId, at: toldAt }, ...told }, eventId);
  }
  if (asked !== undefined && before?.asked?.at !== asked.at) {
    const { operation, at } = asked;
    const of = { operatorId, systemId, vehicleId, label, reservationId };
    await events.asked({ ...of, operation, at }, `${eventId}-asked`);
  }
}
