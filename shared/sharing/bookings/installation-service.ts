import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { CampaignId } from '../../ota/campaigns/campaign-id.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { BookingRepository } from './booking-repository.ts';
import { type NotInstallable, withInstallation, withoutInstallation } from './installation.ts';

/** Keeps shared vehicles out of service while they install; every other vehicle is none of its business. */
export class InstallationService {
  readonly #bookings: Pick<BookingRepository, 'vehicle' | 'save'>;

  constructor(bookings: Pick<BookingRepository, 'vehicle' | 'save'>) {
    this.#bookings = bookings;
  }

  /** @returns why nothing may be installed; undefined where it may */
  async begin(vehicleId: VehicleId, campaignId: CampaignId, now: Instant): Promise<NotInstallable | undefined> {
    const { reason } = await untilSaved<{ readonly reason: NotInstallable | undefined }>(async () => {
      const seen = await this.#bookings.vehicle(vehicleId);
      if (seen === undefined) return { reason: undefined };
      const next = withInstallation(seen, campaignId, now);
      if (typeof next === 'string') return { reason: next };
      const saved = await this.#bookings.save({ vehicle: { seen: seen.version, next } });
      return saved ? { reason: undefined } : undefined;
    });
    return reason;
  }

  /** Nothing of the campaign is installed any more. */
  async end(vehicleId: VehicleId, campaignId: CampaignId): Promise<void> {
    await untilSaved(async () => {
      const seen = await this.#bookings.vehicle(vehicleId);
      const next = seen === undefined ? undefined : withoutInstallation(seen, campaignId);
      if (seen === undefined || next === undefined) return true;
      return (await this.#bookings.save({ vehicle: { seen: seen.version, next } })) || undefined;
    });
  }
}
