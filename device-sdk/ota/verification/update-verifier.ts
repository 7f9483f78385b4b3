import type { AgreedImage } from '#shared/ota/uptane/agreement.ts';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import { readUpdateCustom } from '#shared/ota/uptane/custom-reader.ts';
import type { KnownEcu } from '#shared/ota/uptane/director-rules.ts';
import { type FileSource, filesAtHand } from '#shared/ota/uptane/file-source.ts';
import { type FullyVerified, fullVerification } from '#shared/ota/uptane/full-verification.ts';
import { readRoot } from '#shared/ota/uptane/metadata-reader.ts';
import type { DirectorAnswer } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { Bounds } from '../../cloud-clock.ts';
import type { Storage } from '../../storage.ts';
import { AttackMemory } from './attack-memory.ts';
import { cryptography } from './cryptography.ts';
import { type FactoryRoots, TrustedMetadata } from './trusted-metadata.ts';
import type { VerifiedImage, VerifiedUpdate } from './verified-update.ts';

export type DirectorMetadata = Extract<DirectorAnswer, { readonly kind: 'metadata' }>;

export interface VerifierParts {
  readonly storage: Storage;
  readonly roots: FactoryRoots;
  /** The Image repository's metadata: `grantedFiles(answer.repository, …)`. */
  readonly repository: (answer: DirectorMetadata) => FileSource;
}

/** What the vehicle knows of itself while it verifies. */
export interface Situation {
  readonly purpose: 'download' | 'install';
  /** Asked for under this campaign: another one's answer is refused. */
  readonly campaignId: string;
  /** Secure time (`TrustedTime.bounds`); without it nothing is verified. */
  readonly time: Bounds | undefined;
  /** On board now, with the counters of what is installed. */
  readonly ecus: readonly KnownEcu[];
}

/** An install begins only with a Timestamp that is younger, so that an emergency stop works within this time. */
const freshFor = 600_000;
/** The Director's clock may be ahead of the vehicle's certainty by so much. */
const ahead = 60_000;

/**
 * The Primary's full verification, with what it trusts kept on disk.
 *
 * @example
 * const verifier = new UpdateVerifier({ storage, roots, repository: (answer) => grantedFiles(answer.repository, fetch, host) });
 * const update = await verifier.verify(answer, { purpose: 'install', campaignId, time, ecus });
 */
export class UpdateVerifier {
  readonly attacks: AttackMemory;
  private readonly parts: VerifierParts;
  private readonly metadata: TrustedMetadata;

  constructor(parts: VerifierParts) {
    this.parts = parts;
    this.metadata = new TrustedMetadata(parts.storage, parts.roots, cryptography);
    this.attacks = new AttackMemory(parts.storage);
  }

  /** For the manifest: the Director answers with every Root after this one. @throws RefusedUpdate */
  directorRootVersion(): number {
    return this.metadata.read().director.root.content.version;
  }

  /**
   * @throws RefusedUpdate with the attack's name, remembered for the next version report; nothing may be installed,
   *   what was trusted stays so, and the next answer is verified as if this one had never come
   * @throws RetrievalFailed where the Image repository could not be read
   */
  async verify(answer: DirectorMetadata, situation: Situation): Promise<VerifiedUpdate> {
    try {
      return await this.verified(answer, situation);
    } catch (error) {
      if (error instanceof RefusedUpdate) this.attacks.remember(error.attack);
      throw error;
    }
  }

  private async verified(
    answer: DirectorMetadata,
    { time, ecus, campaignId, purpose }: Situation,
  ): Promise<VerifiedUpdate> {
    if (time === undefined) throw new RefusedUpdate('freeze', 'without secure time nothing says what has expired');
    const trusted = this.metadata.read();
    requireNotBefore(trusted.director.timestamp?.content.issuedAt, time);
    const common = { now: time.latest, cryptography };
    const result = await fullVerification(trusted, {
      director: { ...common, source: directorFiles(answer) },
      images: { ...common, source: this.parts.repository(answer) },
      ecus,
      reached: (reached) => this.metadata.write(reached),
    });
    const update = updateOf(result);
    if (update.campaignId !== campaignId) {
      throw new RefusedUpdate('mix-and-match', `asked for ${campaignId}, answered with ${update.campaignId}`);
    }
    requireIssued(update.timestampIssuedAt, purpose, time);
    this.metadata.write(result.trusted);
    return update;
  }
}

/** Roots by the version that they say, for the vehicle may have learnt some since it asked. */
function directorFiles({ director }: DirectorMetadata): FileSource {
  const { timestamp, snapshot, targets, roots } = director;
  const files = new Map([
    ['timestamp.json', timestamp],
    ['snapshot.json', snapshot],
    ['targets.json', targets],
    ...roots.map((text): [string, string] => [`${readRoot(text).content.version}.root.json`, text]),
  ]);
  return filesAtHand(files);
}

function updateOf({ director, images }: FullyVerified): VerifiedUpdate {
  const custom = readUpdateCustom(director.targets.content.custom);
  const { campaignId, releaseId, softwareVersion, preconditions, rxswins } = custom;
  const issuedAt = director.timestamp?.content.issuedAt;
  if (issuedAt === undefined) throw new RefusedUpdate('malformed', 'the Timestamp does not say when it was issued');
  return {
    ...{ campaignId, releaseId, softwareVersion, preconditions, timestampIssuedAt: issuedAt },
    ...(rxswins !== undefined && { rxswins }),
    images: images.map((image) => verifiedImage(image, releaseId)),
  };
}

function verifiedImage(image: AgreedImage, releaseId: string): VerifiedImage {
  const { ecuId, hardwareId, softwareVersion, path, length, releaseCounter, delta } = image;
  const { sha256, sha512 } = image.hashes;
  if (ecuId === undefined || hardwareId === undefined || softwareVersion === undefined || sha256 === undefined) {
    throw new RefusedUpdate('malformed', `${path} lacks its ECU, hardware, version or SHA-256`);
  }
  // Parts of several releases were never tried together (Standard, 4.3.3: mixed bundles).
  if (image.releaseId !== releaseId) {
    throw new RefusedUpdate('mix-and-match', `${path} belongs to ${image.releaseId}, not to ${releaseId}`);
  }
  return {
    ...{ ecuId, hardwareId, softwareVersion, releaseCounter, path, length },
    hashes: { sha256, ...(sha512 === undefined ? {} : { sha512 }) },
    ...(delta === undefined ? {} : { delta }),
  };
}

function requireIssued(issuedAt: number, purpose: Situation['purpose'], { latest }: Bounds): void {
  if (issuedAt > latest + ahead) throw new RefusedUpdate('freeze', 'the Timestamp was issued in the future');
  if (purpose === 'install' && latest - issuedAt > freshFor) {
    throw new RefusedUpdate('freeze', `the Timestamp was issued ${Math.round((latest - issuedAt) / 1000)} s ago`);
  }
}

/** Time goes on: the Director itself has signed that it is later. */
function requireNotBefore(signedAt: number | undefined, { latest }: Bounds): void {
  if (signedAt === undefined || latest + ahead >= signedAt) return;
  throw new RefusedUpdate('freeze', `the time is said to be earlier than ${new Date(signedAt).toISOString()}`);
}
