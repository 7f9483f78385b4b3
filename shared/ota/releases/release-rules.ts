import { Failure, type FieldError } from '../../kernel/failure.ts';
import { cycleIn } from './dependency-order.ts';
import { type EcuImage, filesOf, largestImage } from './ecu-image.ts';
import { type Hardware, mayFollow } from './hardware.ts';
import type { Release } from './release.ts';
import { approvalFaults } from './type-approval.ts';

type Judged = Pick<Release, 'brand' | 'images' | 'approvalRecord'>;
/** Of the release's brand, by hardware id. */
export type KnownHardware = ReadonlyMap<string, Hardware>;

/**
 * What its schema cannot see: whether the parts of a release fit each other and what they are for.
 *
 * @throws Failure that names every place where one and the same thing is wrong
 */
export function requireConsistent(release: Judged, known: KnownHardware): void {
  for (const rule of [
    hardwareRule,
    ecuRule,
    sizeRule,
    counterRule,
    fileRule,
    cycleRule,
    requirementRule,
    approvalRule,
  ]) {
    rule(release, known);
  }
}

function hardwareRule({ images }: Judged, known: KnownHardware): void {
  const errors = eachHardware(images, ({ hardwareId, image, pointer }) => {
    const hardware = known.get(hardwareId);
    if (hardware === undefined) return { pointer, detail: `${hardwareId} is not in the catalogue of this brand` };
    if (hardware.ecuId === image.ecuId) return undefined;
    return { pointer, detail: `${hardwareId} is the hardware of ${hardware.ecuId}, not of ${image.ecuId}` };
  });
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'unknown-hardware', 'The release is for hardware that nobody knows.', {
    errors,
    resolution: 'Correct the hardware ids, or add the hardware with POST /v1/hardware.',
  });
}

function ecuRule({ images }: Judged): void {
  const seen = new Set<string>();
  const errors = eachHardware(images, ({ hardwareId, image, pointer }) => {
    const key = JSON.stringify([image.ecuId, hardwareId]);
    if (seen.has(key)) return { pointer, detail: `${image.ecuId} on ${hardwareId} has an image already` };
    seen.add(key);
    return undefined;
  });
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'ecu-twice', 'The release has two images for the same control unit.', { errors });
}

function sizeRule({ images }: Judged, known: KnownHardware): void {
  const errors = eachHardware(images, ({ hardwareId, image, pointer }) => {
    const room = Math.min(known.get(hardwareId)?.slotBytes ?? 0, largestImage);
    if (image.length <= room) return undefined;
    return { pointer, detail: `holds ${room} bytes; the image has ${image.length}` };
  });
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'image-too-large', 'An image is larger than what it is for can hold.', { errors });
}

/** @throws Failure also when it is about to be approved, since others may have been approved meanwhile */
export function counterRule({ images }: Pick<Judged, 'images'>, known: KnownHardware): void {
  const errors = eachHardware(images, ({ hardwareId, image, pointer }) => {
    const hardware = known.get(hardwareId);
    if (hardware?.newest === undefined || mayFollow(hardware, image)) return undefined;
    const { releaseCounter } = hardware.newest;
    return { pointer, detail: `was given the counter ${releaseCounter}; this image has ${image.releaseCounter}` };
  });
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'release-counter-falls', 'A release counter does not rise.', {
    errors,
    resolution: 'Give each changed image a counter above the last one that was approved for its hardware.',
  });
}

/** The same bytes have the same length, and no delta makes what it starts from. */
function fileRule({ brand, images }: Judged): void {
  const lengths = new Map(filesOf(brand, images).map((file) => [file.path, file.length]));
  const errors: FieldError[] = images.flatMap((image, index) => [
    ...filesOf(brand, [image])
      .filter(({ path, length }) => lengths.get(path) !== length)
      .map(() => ({ pointer: `/images/${index}/length`, detail: 'differs from that of an image with the same hash' })),
    ...(image.deltas ?? []).flatMap(({ fromSha256 }, place) =>
      fromSha256 === image.sha256
        ? [{ pointer: `/images/${index}/deltas/${place}/fromSha256`, detail: 'is the hash of the image itself' }]
        : [],
    ),
  ]);
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'files-contradict', 'The files of the release contradict each other.', { errors });
}

function cycleRule({ images }: Judged): void {
  const cycle = cycleIn(images);
  if (cycle === undefined) return;
  const errors = images.flatMap(({ ecuId }, index) =>
    cycle.includes(ecuId) ? [{ pointer: `/images/${index}/requires`, detail: 'is part of the circle' }] : [],
  );
  throw new Failure('unacceptable', 'dependency-cycle', `The requirements go in a circle: ${cycle.join(' → ')}.`, {
    errors,
    resolution: 'Leave out a requirement: there must be an order in which the control units can be installed.',
  });
}

/** Where the release itself brings the ECU, it brings enough; elsewhere each vehicle is looked at. */
function requirementRule({ images }: Judged): void {
  const errors = images.flatMap((image, index) =>
    (image.requires ?? []).flatMap(({ ecuId, releaseCounter }, place) => {
      const brought = images.filter((other) => other.ecuId === ecuId).map((other) => other.releaseCounter);
      if (brought.length === 0 || Math.min(...brought) >= releaseCounter) return [];
      const detail = `the release itself brings ${ecuId} with the counter ${Math.min(...brought)}`;
      return [{ pointer: `/images/${index}/requires/${place}/releaseCounter`, detail }];
    }),
  );
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'dependency-unmet', 'An image requires more than the release brings.', { errors });
}

function approvalRule({ approvalRecord }: Judged): void {
  const errors = approvalFaults(approvalRecord);
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'rxswin-contradicts', 'An RXSWIN changes exactly where an approval is extended.', {
    errors: [...errors],
  });
}

interface ForHardware {
  readonly image: EcuImage;
  readonly hardwareId: string;
  readonly pointer: string;
}

function eachHardware(
  images: readonly EcuImage[],
  judge: (one: ForHardware) => FieldError | undefined,
): readonly FieldError[] {
  return images.flatMap((image, index) =>
    image.hardwareIds.flatMap((hardwareId, place) => {
      const error = judge({ image, hardwareId, pointer: `/images/${index}/hardwareIds/${place}` });
      return error === undefined ? [] : [error];
    }),
  );
}
