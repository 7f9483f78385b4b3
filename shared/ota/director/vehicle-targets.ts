import type { Brand } from '../../registry/brand.ts';
import { deltaPath, type EcuImage, imagePath } from '../releases/ecu-image.ts';
import type { Release } from '../releases/release.ts';
import type { DirectorCustom, DirectorTargets, EcuAssignment } from '../uptane/custom.ts';
import type { EcuVersionReport } from '../uptane/manifest.ts';
import type { Target } from '../uptane/metadata.ts';

/** What a vehicle shall install, or why it shall not. */
export type Plan =
  | { readonly kind: 'targets'; readonly targets: DirectorTargets['targets'] }
  | { readonly kind: 'refused'; readonly reason: PlanFault; readonly detail: string };

export type PlanFault =
  /** A control unit that the release is for is of hardware that it is not for. */
  | 'wrong-hardware'
  | 'release-counter-falls'
  | 'dependency-unmet'
  /** Everything runs already, or nothing of it is on board. */
  | 'nothing-to-install';

type Chosen = Pick<Release, 'brand' | 'images'>;

/** What of a control unit's report the choice depends on. */
export type ReportedEcu = Pick<EcuVersionReport, 'ecu_serial' | 'hardware_id' | 'release_counter' | 'installed_image'>;

/**
 * The images of a release for the control units of one vehicle, as they have reported. What runs already is left out;
 * control units that the vehicle does not have are none of its business, unless another image requires them.
 */
export function vehicleTargets({ brand, images }: Chosen, reports: readonly ReportedEcu[]): Plan {
  const chosen = new Map<ReportedEcu, EcuImage>();
  for (const report of reports) {
    const forEcu = images.filter(({ ecuId }) => ecuId === report.ecu_serial);
    const image = forEcu.find(({ hardwareIds }) => hardwareIds.includes(report.hardware_id));
    if (image !== undefined && !runs(report, image)) chosen.set(report, image);
    else if (image === undefined && forEcu.length > 0) {
      return refused('wrong-hardware', `${report.ecu_serial} is ${report.hardware_id}, which the release is not for`);
    }
  }
  for (const [report, image] of chosen) {
    if (image.releaseCounter > report.release_counter) continue;
    const detail = `${report.ecu_serial} has release counter ${report.release_counter}, the release ${image.releaseCounter}`;
    return refused('release-counter-falls', detail);
  }
  const unmet = unmetRequirement(images, chosen, reports);
  if (unmet !== undefined) return refused('dependency-unmet', unmet);
  if (chosen.size === 0) return refused('nothing-to-install', 'everything of the release that fits runs already');
  return { kind: 'targets', targets: targetsOf(brand, chosen) };
}

/** The very same bytes: then its counter says the same as well. */
function runs({ installed_image: { fileinfo }, release_counter: counter }: ReportedEcu, image: EcuImage): boolean {
  return fileinfo.hashes['sha256'] === image.sha256 && counter === image.releaseCounter;
}

/** Looks at the vehicle as it would be afterwards. */
function unmetRequirement(
  images: readonly EcuImage[],
  chosen: ReadonlyMap<ReportedEcu, EcuImage>,
  reports: readonly ReportedEcu[],
): string | undefined {
  const counters = new Map(
    reports.map((report) => [report.ecu_serial, chosen.get(report)?.releaseCounter ?? report.release_counter]),
  );
  const present = images.filter((image) =>
    reports.some(
      (report) => chosen.get(report) === image || (report.ecu_serial === image.ecuId && runs(report, image)),
    ),
  );
  for (const { ecuId, requires = [] } of present) {
    for (const { ecuId: other, releaseCounter } of requires) {
      const has = counters.get(other);
      if (has !== undefined && has >= releaseCounter) continue;
      return `${ecuId} requires ${other} with release counter ${releaseCounter}; the vehicle has ${has ?? 'no such ECU'}`;
    }
  }
  return undefined;
}

/** Control units that take the same file stand in one target. */
function targetsOf(brand: Brand, chosen: ReadonlyMap<ReportedEcu, EcuImage>): DirectorTargets['targets'] {
  const targets = new Map<string, Target<DirectorCustom>>();
  for (const [report, image] of chosen) {
    const path = imagePath(brand, image);
    const { releaseCounter, softwareVersion, length, sha256, sha512 } = image;
    const ecuIdentifiers = {
      ...targets.get(path)?.custom.ecuIdentifiers,
      [report.ecu_serial]: assignmentOf(brand, report, image),
    };
    const custom = { ecuIdentifiers, releaseCounter, softwareVersion };
    targets.set(path, { length, hashes: { sha256, sha512 }, custom });
  }
  return Object.fromEntries(targets);
}

function assignmentOf(brand: Brand, report: ReportedEcu, image: EcuImage): EcuAssignment {
  const runsNow = report.installed_image.fileinfo.hashes['sha256'];
  const delta = image.deltas?.find(({ fromSha256 }) => fromSha256 === runsNow);
  if (delta === undefined) return { hardwareId: report.hardware_id };
  return { hardwareId: report.hardware_id, delta: { ...delta, path: deltaPath(brand, image, delta) } };
}

function refused(reason: PlanFault, detail: string): Plan {
  return { kind: 'refused', reason, detail };
}
