import type { EcuConfiguration, VehicleConfiguration } from '../../vehicle-cloud/update-envelopes.ts';
import { type PlanFault, vehicleTargets } from '../director/vehicle-targets.ts';
import type { EcuImage } from '../releases/ecu-image.ts';
import type { Release } from '../releases/release.ts';

type Described = Pick<Release, 'brand' | 'images' | 'approvalRecord'>;

/** Whether the release was for this vehicle as it stood: by the very rules that the Director decides by. */
export interface Compatibility {
  readonly outcome: 'compatible' | 'incompatible' | 'not-known';
  /** What was looked at; each where it was asked, from the enlistment to the control units' own boot loaders. */
  readonly checked: readonly ('hardware' | 'release-counters' | 'dependencies' | 'rxswin')[];
  readonly reason?: PlanFault | 'rxswin-differs';
  readonly detail?: string;
}

/** An RXSWIN as the release's approval has it, and as the vehicle keeps it; null where it keeps none. */
export interface RxswinComparison {
  readonly regulation: string;
  readonly approved: { readonly before: string; readonly after: string };
  readonly vehicle: { readonly before: string | null; readonly after: string | null };
  /** Absent where the vehicle did not know its number before, or nothing is known of it. */
  readonly agrees?: boolean;
}

/** @param before undefined where the vehicle has stated nothing: an inventory knows no images */
export function compatibilityOf(release: Described, before: VehicleConfiguration | undefined): Compatibility {
  if (before === undefined) return { outcome: 'not-known', checked: [] };
  const checked = ['hardware', 'release-counters', 'dependencies', 'rxswin'] as const;
  const differing = release.approvalRecord.regulations.find(({ regulation, rxswinBefore }) => {
    const has = before.rxswins[regulation];
    return has !== undefined && has !== rxswinBefore;
  });
  if (differing !== undefined) {
    const { regulation, rxswinBefore } = differing;
    const detail = `${regulation}: the vehicle has ${before.rxswins[regulation]}, the release is for ${rxswinBefore}`;
    return { outcome: 'incompatible', checked, reason: 'rxswin-differs', detail };
  }
  const plan = vehicleTargets(release, before.ecus.map(reportOf));
  if (plan.kind === 'targets') return { outcome: 'compatible', checked };
  return { outcome: 'incompatible', checked, reason: plan.reason, detail: plan.detail };
}

export function rxswinsOf(
  { approvalRecord }: Pick<Release, 'approvalRecord'>,
  before: Pick<VehicleConfiguration, 'rxswins'> | undefined,
  after: Pick<VehicleConfiguration, 'rxswins'> | undefined,
  installed: boolean,
): readonly RxswinComparison[] {
  return approvalRecord.regulations.map(({ regulation, rxswinBefore, rxswinAfter }) => {
    const vehicle = { before: before?.rxswins[regulation] ?? null, after: after?.rxswins[regulation] ?? null };
    const isKnown = after !== undefined && (installed || vehicle.before !== null);
    const expected = installed ? rxswinAfter : vehicle.before;
    return {
      ...{ regulation, approved: { before: rxswinBefore, after: rxswinAfter }, vehicle },
      ...(isKnown && { agrees: vehicle.after === expected }),
    };
  });
}

export interface EcuOutcome {
  readonly ecuId: string;
  readonly hardwareId: string;
  readonly serialNumber: string;
  readonly before: EcuSoftwareState;
  readonly after: EcuSoftwareState | null;
  /** What the release has for it. */
  readonly intended: EcuSoftwareState | null;
  /** `kept`: it runs what it ran before; `other`: neither that nor what was meant. */
  readonly result: 'installed' | 'kept' | 'was-there' | 'not-concerned' | 'other';
}

type EcuSoftwareState = Pick<EcuConfiguration, 'softwareVersion' | 'releaseCounter' | 'sha256'>;

export function ecuOutcomes(
  images: readonly EcuImage[],
  before: VehicleConfiguration,
  after: VehicleConfiguration,
): readonly EcuOutcome[] {
  return before.ecus.map((ecu) => {
    const { ecuId, hardwareId, serialNumber } = ecu;
    const now = after.ecus.find((one) => one.ecuId === ecuId);
    const image = images.find((one) => one.ecuId === ecuId && one.hardwareIds.includes(hardwareId));
    return {
      ...{ ecuId, hardwareId, serialNumber },
      before: stateOf(ecu),
      after: now === undefined ? null : stateOf(now),
      intended: image === undefined ? null : stateOf(image),
      result: resultOf(ecu.sha256, now?.sha256, image?.sha256),
    };
  });
}

function resultOf(before: string, after: string | undefined, intended: string | undefined): EcuOutcome['result'] {
  if (intended === undefined) return after === before ? 'not-concerned' : 'other';
  if (after === intended) return before === intended ? 'was-there' : 'installed';
  return after === before ? 'kept' : 'other';
}

function stateOf({ softwareVersion, releaseCounter, sha256 }: EcuSoftwareState): EcuSoftwareState {
  return { softwareVersion, releaseCounter, sha256 };
}

function reportOf({ ecuId, hardwareId, softwareVersion, releaseCounter, sha256 }: EcuConfiguration) {
  return {
    ecu_serial: ecuId,
    hardware_id: hardwareId,
    release_counter: releaseCounter,
    installed_image: { filepath: `${ecuId}/${softwareVersion}`, fileinfo: { length: 0, hashes: { sha256 } } },
  };
}
