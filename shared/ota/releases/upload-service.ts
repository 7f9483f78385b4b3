import type { Caller } from '../../access/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure, type FieldError } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { filesOf, type StoredFile } from './ecu-image.ts';
import { type Release, type ReleaseId, requireDraft, uploaded } from './release.ts';
import type { ReleaseRepository } from './release-repository.ts';
import type { ReleaseService } from './release-service.ts';

/** Where one file may be put, once and whole: whoever sends other bytes is refused by the storage itself. */
export interface UploadAddress {
  readonly url: string;
  /** To be sent with it: they are part of the signature. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The images and deltas of all releases. */
export interface ImageStorage {
  address(file: StoredFile, seconds: number): Promise<UploadAddress>;
  /** What lies there, with the checksum that the storage itself has computed. */
  find(path: string): Promise<{ readonly length: number; readonly sha256: string } | undefined>;
}

export interface UploadPorts {
  readonly services: Pick<ReleaseService, 'require'>;
  readonly releases: ReleaseRepository;
  readonly storage: ImageStorage;
  readonly clock: Clock;
}

/** An address takes an upload so long. One that has begun may go on longer. */
const uploadTime = 3_600;

/** How a release's files come in. */
export class UploadService {
  readonly #ports: UploadPorts;

  constructor(ports: UploadPorts) {
    this.#ports = ports;
  }

  /** Addresses for what is not there yet: another release may have brought the same file. */
  async missing(caller: Caller, releaseId: ReleaseId): Promise<readonly (StoredFile & UploadAddress)[]> {
    const release = await this.#ports.services.require(caller, releaseId);
    requireDraft(release);
    const files = await this.#judged(release);
    const absent = files.filter(({ fault }) => fault !== undefined);
    return Promise.all(
      absent.map(async ({ file }) => ({ ...file, ...(await this.#ports.storage.address(file, uploadTime)) })),
    );
  }

  async complete(caller: Caller, releaseId: ReleaseId): Promise<Release> {
    const { releases, services, clock } = this.#ports;
    const files = await this.#judged(await services.require(caller, releaseId));
    const errors = files.flatMap(({ fault }) => fault ?? []);
    if (errors.length > 0) throw incomplete(errors);
    return untilSaved(async () => {
      const seen = await services.require(caller, releaseId);
      const next = uploaded(seen, caller.clientId, clock.now());
      return next === seen || (await releases.save(next, seen.version)) ? next : undefined;
    });
  }

  #judged({ brand, images }: Release) {
    return Promise.all(
      filesOf(brand, images).map(async (file) => ({
        file,
        fault: faultOf(file, await this.#ports.storage.find(file.path)),
      })),
    );
  }
}

function faultOf(file: StoredFile, found: { length: number; sha256: string } | undefined): FieldError | undefined {
  if (found === undefined) return { pointer: file.pointer, detail: `${file.path} is not there` };
  if (found.sha256 !== file.sha256)
    return { pointer: `${file.pointer}/sha256`, detail: `what lies there has ${found.sha256}` };
  if (found.length === file.length) return undefined;
  return { pointer: `${file.pointer}/length`, detail: `the file has ${found.length} bytes, not ${file.length}` };
}

function incomplete(errors: readonly FieldError[]): Failure {
  return new Failure('conflict', 'files-missing', 'Files of the release are not there, or are others.', {
    errors,
    resolution: 'Upload what is missing; where hash or length are wrong, create another release with the right ones.',
  });
}
