/** An object that a job's document or its source names. */
export interface S3Source {
  readonly bucket: string;
  readonly objectKey: string;
  readonly versionId?: string;
}

const pathStyle = /^(s3[.-].*amazonaws\.com|127\.0\.0\.1|localhost)$/;
const hostStyle = /^(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com$/;

/** Reads `https://s3.<region>.amazonaws.com/bucket/key`, `https://bucket.s3.<region>.amazonaws.com/key`, and the path
 * style at the local gateway; undefined for any other address. */
export function s3SourceOf(address: string): S3Source | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, pathname, searchParams } = new URL(address);
  const segments = pathname.slice(1).split('/').map(decoded);
  const named = hostStyle.exec(hostname)?.[1];
  const [bucket, ...key] = named === undefined && pathStyle.test(hostname) ? segments : [named, ...segments];
  const objectKey = key.join('/');
  const versionId = searchParams.get('versionId');
  if (bucket === undefined || bucket === '' || objectKey === '') return undefined;
  return { bucket, objectKey, ...(versionId !== null && { versionId }) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
