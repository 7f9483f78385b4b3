import { type PresignWish, presignedUrl } from '#local/gateway/presigned-url.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { invalidRequest } from '../registry/errors.ts';
import type { Job } from './job.ts';
import { s3SourceOf } from './s3-source.ts';

/** The document as a device gets it, JSON text: with addresses that are good for a while in place of placeholders. */
export type DocumentForDevice = (job: Pick<Job, 'document' | 'presignedUrlConfig'>) => string;

export interface PresigningOptions {
  readonly region: string;
  readonly clock: Clock;
  /** The gateway's address. */
  readonly endpoint: () => string;
  /** A key with which somebody acts as this role. */
  readonly keyFor: (roleArn: string) => PresignWish['key'];
}

const placeholder = /\$\{aws:iot:s3-presigned-url:([^}]+)\}/g;
const usualSeconds = 3600;

/** Developer guide, "Presigned URLs": made when a device asks for the document, signed as the job's role. */
export function presignedDocuments({ region, clock, endpoint, keyFor }: PresigningOptions): DocumentForDevice {
  const keys = new Map<string, PresignWish['key']>();
  return ({ document, presignedUrlConfig: { roleArn, expiresInSec = usualSeconds } = {} }) => {
    if (roleArn === undefined) return document;
    const key = keys.get(roleArn) ?? keyFor(roleArn);
    keys.set(roleArn, key);
    return document.replaceAll(placeholder, (whole, address: string) => {
      const source = s3SourceOf(address);
      const wish = { endpoint: endpoint(), region, key, expiresSeconds: expiresInSec, now: clock.now() };
      return source === undefined ? whole : presignedUrl({ ...wish, ...source });
    });
  };
}

/** Throws `AwsError` if a placeholder of the document could never be filled in. */
export function checkPlaceholders({ document, presignedUrlConfig }: Parameters<DocumentForDevice>[0]): void {
  for (const [, address = ''] of document.matchAll(placeholder)) {
    if (s3SourceOf(address) === undefined) throw invalidRequest(`"${address}" is the address of no S3 object.`);
    if (presignedUrlConfig?.roleArn === undefined) {
      throw invalidRequest('Addresses are signed in the name of presignedUrlConfig.roleArn, which is missing.');
    }
  }
}
