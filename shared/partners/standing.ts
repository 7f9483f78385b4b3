import type { Instant } from '../kernel/clock.ts';
import type { FleetVehicle } from '../sharing/setup/system.ts';
import type { PartnerPackage, Told, Use } from './package.ts';
import type { TompProcess } from './tomp/link.ts';

/**
 * How a package stands: what the vehicle did counts for more than what was said, and what was said for more than time.
 *
 * @param now a hold counts until it expires, and a moment longer for others alone
 */
export function standingOf(pack: PartnerPackage, use: Use, now: Instant): Told {
  const { decision } = pack;
  switch (use.kind) {
    case 'driven':
      return { status: 'STARTED', leg: use.paused ? 'PAUSED' : pack.asked?.operation === 'end' ? 'ENDING' : 'IN_USE' };
    case 'ended':
      return { status: decision.kind === 'settled' ? 'SETTLED' : 'ENDED', leg: 'ENDED' };
    case 'unknown':
      if (decision.kind === 'given-back') return { status: decision.as, leg: 'CANCELLED' };
      // What was not confirmed was opened for nobody: its time alone decides.
      return pack.told.status === 'PENDING' && now >= pack.expiresAt ? lapsed(pack) : pack.told;
    case 'held':
      if (decision.kind === 'given-back') return { status: decision.as, leg: 'CANCELLED' };
      return now < use.expiresAt ? waiting(pack) : lapsed(pack);
    case 'expired':
      return decision.kind === 'given-back' ? { status: decision.as, leg: 'CANCELLED' } : lapsed(pack);
    case 'cancelled':
      if (decision.kind === 'given-back') return { status: decision.as, leg: 'CANCELLED' };
      // Whoever took it back then took back what had lapsed.
      if (use.at >= pack.expiresAt) return lapsed(pack);
      return { status: 'CANCELLED', leg: 'CANCELLED', reason: use.reason ?? 'by-operator' };
  }
}

function waiting({ decision, asked, key }: PartnerPackage): Told {
  if (decision.kind !== 'confirmed') return { status: 'PENDING', leg: 'NOT_STARTED' };
  const isReady = asked?.operation === 'start' || key !== undefined;
  return { status: 'CONFIRMED', leg: isReady ? 'READY_TO_USE' : 'NOT_STARTED' };
}

/** Nobody confirmed it, or nobody came for what was confirmed. */
function lapsed({ decision }: PartnerPackage): Told {
  if (decision.kind !== 'confirmed') return { status: 'EXPIRED', leg: 'CANCELLED', reason: 'hold-expired' };
  return { status: 'CANCELLED', leg: 'CANCELLED', reason: 'hold-expired' };
}

export interface Circumstances {
  /** How often the hold may be extended still. */
  readonly extensionsLeft: number;
  readonly speaks: FleetVehicle['speaks'];
  /** The bill stands, and was taken. */
  readonly charged: boolean;
}

/** What its state admits, and nothing else. */
export function possible(
  { status, leg }: Told,
  { extensionsLeft, speaks, charged }: Circumstances,
): readonly TompProcess[] {
  const longer = extensionsLeft > 0 ? (['extend-expiry-time'] as const) : [];
  switch (status) {
    case 'PENDING':
      return ['confirm-purchase', ...longer, 'rollback-purchase', 'release-package'];
    case 'CONFIRMED':
      return ['start-leg', ...longer, 'rollback-purchase', 'cancel-package'];
    case 'STARTED':
      // A car's trip is paused and ended at the car; what a phone needs for that is a key, and a newer one.
      if (speaks === 'device') return ['start-leg'];
      return leg === 'PAUSED' ? ['resume-leg', 'end-leg'] : leg === 'IN_USE' ? ['pause-leg', 'end-leg'] : [];
    case 'ENDED':
      return charged ? ['confirm-payment'] : [];
    case 'OFFERED':
      return ['purchase-offers'];
    case 'SETTLED':
    case 'EXPIRED':
    case 'RELEASED':
    case 'ROLLBACK':
    case 'CANCELLED':
      return [];
  }
}
