import type { Instant } from '../../kernel/clock.ts';
import type { CampaignId } from '../../ota/campaigns/campaign-id.ts';
import type { MdsState } from '../mds.ts';
import { type BookedVehicle, expiryGuard } from './booked-vehicle.ts';

/** ms: the Director's word is good for ten minutes, and no installation takes longer than the rest. */
const longest = 2 * 3_600_000;

const outOfService: readonly MdsState[] = ['non_operational', 'removed'];

/** Somebody may hold it, somebody has it, or a former driver's key opens it. */
export type NotInstallable = 'in-service' | 'in-use' | 'key-not-void';

/**
 * Whether an update may be installed: out of service, nobody's, and no former driver's key opens it. What it says is
 * written down before the vehicle is told, so that nobody takes it back into service over it.
 *
 * @returns the vehicle with the installation, or why not
 */
export function withInstallation(
  vehicle: BookedVehicle,
  campaignId: CampaignId,
  now: Instant,
): BookedVehicle | NotInstallable {
  if (vehicle.assignment !== undefined) return 'in-use';
  // A vehicle that has fallen silent is where it was before.
  const state = vehicle.former?.[0] ?? vehicle.state;
  if (!outOfService.includes(state)) return 'in-service';
  const { barredUntil = 0, admits, fence } = vehicle;
  if (admits <= fence && barredUntil + expiryGuard >= now) return 'key-not-void';
  const installing = { campaignId, until: now + longest };
  return { ...vehicle, installing, moves: [], version: vehicle.version + 1 };
}

/** The installation is over. Undefined where none of this campaign was known of. */
export function withoutInstallation(vehicle: BookedVehicle, campaignId: CampaignId): BookedVehicle | undefined {
  const { installing, ...rest } = vehicle;
  if (installing?.campaignId !== campaignId) return undefined;
  return { ...rest, moves: [], version: vehicle.version + 1 };
}

/** The campaign whose installation keeps the vehicle out of service, so far as the booking knows. */
export function installationOn({ installing }: BookedVehicle, now: Instant): string | undefined {
  // From a future that the clock was set back from: nothing would ever end it.
  if (installing === undefined || installing.until <= now || installing.until > now + longest) return undefined;
  return installing.campaignId;
}
