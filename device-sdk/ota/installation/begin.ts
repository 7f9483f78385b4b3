import type { RxswinStep } from '#shared/ota/uptane/custom.ts';
import type { Precondition } from '#shared/vehicle-cloud/update-envelopes.ts';
import { type EcuState, otherSlot } from '../ecu-installer.ts';
import type { Conditions } from '../vehicle-body.ts';
import type { Installation, InstallationFailure, PlannedEcu } from './installation.ts';

/** What is to be installed in one unit, as it was verified. */
export interface WantedImage {
  readonly ecuId: string;
  readonly hardwareId: string;
  readonly softwareVersion: string;
  readonly releaseCounter: number;
  readonly length: number;
  readonly hashes: { readonly sha256: string };
}

export interface WantedUpdate {
  readonly releaseId: string;
  readonly softwareVersion: string;
  readonly images: readonly WantedImage[];
  readonly preconditions: readonly Precondition[];
  readonly timestampIssuedAt?: number;
  readonly rxswins?: Readonly<Record<string, RxswinStep>>;
}

/** Software that a vehicle has tried and found to be of no use. */
export interface BadSoftware {
  readonly ecuId: string;
  readonly sha256: string;
}

export interface Circumstances {
  /** By ecuId. */
  readonly ecus: ReadonlyMap<string, EcuState>;
  readonly bad: readonly BadSoftware[];
  readonly now: number;
  /** How long the vehicle cannot be used. */
  readonly minutes: number;
  /** Milliseconds within which it is done, or goes back. */
  readonly limit: number;
  /** Whether the vehicle may be driven as it is. */
  readonly safe: boolean;
  /** By UN regulation. */
  readonly rxswins?: Readonly<Record<string, string>>;
  readonly conditions?: Conditions;
}

/** The plan for a verified update, or why this vehicle cannot have it. */
export function begin(update: WantedUpdate, circumstances: Circumstances): Installation | InstallationFailure {
  const { now, minutes, limit, safe, conditions, rxswins: known = {} } = circumstances;
  const other = Object.entries(update.rxswins ?? {}).find(([regulation, { before }]) => {
    const has = known[regulation];
    return has !== undefined && has !== before;
  });
  if (other !== undefined) {
    const [regulation, { before }] = other;
    const detail = `The vehicle has RXSWIN ${known[regulation]} of ${regulation}, the update is approved for ${before}`;
    return { error: 'incompatible', detail };
  }
  const ecus: PlannedEcu[] = [];
  for (const image of update.images) {
    const planned = plannedFor(image, circumstances);
    if ('error' in planned) return planned;
    if ('ecuId' in planned) ecus.push(planned);
  }
  const { releaseId, softwareVersion, preconditions, timestampIssuedAt, rxswins } = update;
  const plan = {
    ...{ releaseId, softwareVersion, ecus, minutes },
    preconditions: [...preconditions],
    ...{ beganAt: now, until: now + limit, fromSafe: safe },
    ...(conditions !== undefined && { conditions: { ...conditions } }),
    ...(timestampIssuedAt !== undefined && { metadataIssuedAt: timestampIssuedAt }),
    ...(rxswins !== undefined && { rxswins: afterwards(rxswins) }),
  };
  return { status: 'writing', plan };
}

function afterwards(rxswins: Readonly<Record<string, RxswinStep>>): Record<string, string> {
  return Object.fromEntries(Object.entries(rxswins).map(([regulation, { after }]) => [regulation, after]));
}

function plannedFor(
  image: WantedImage,
  { ecus, bad }: Circumstances,
): PlannedEcu | InstallationFailure | { readonly status: 'there' } {
  const { ecuId, hardwareId, softwareVersion, releaseCounter, length } = image;
  const { sha256 } = image.hashes;
  const state = ecus.get(ecuId);
  const failure = (error: 'incompatible' | 'health', detail: string) => ({
    error,
    ecuId,
    detail: `${ecuId}: ${detail}`,
  });
  if (state === undefined) return failure('incompatible', 'is not on board');
  if (state.hardwareId !== hardwareId) {
    return failure('incompatible', `is a ${state.hardwareId}, the software is for a ${hardwareId}`);
  }
  if (bad.some((known) => known.ecuId === ecuId && known.sha256 === sha256)) {
    return failure('health', `${softwareVersion} was tried before and was not healthy`);
  }
  const running = state.slots[state.running];
  if (running.status === 'empty') return failure('incompatible', 'does not say what it runs');
  if (running.software.sha256 === sha256 && state.releaseCounter >= releaseCounter) return { status: 'there' };
  if (releaseCounter < state.releaseCounter) {
    return failure('incompatible', `runs nothing older than counter ${state.releaseCounter}, not ${releaseCounter}`);
  }
  const software = { softwareVersion, releaseCounter, length, sha256 };
  return {
    ...{ ecuId, hardwareId, serialNumber: state.serialNumber },
    from: { slot: state.running, software: { ...running.software } },
    to: { slot: otherSlot(state.running), software },
  };
}
