import { notImplemented, s3Error } from './s3-error.ts';
import type { Description } from './stored-object.ts';

type Headers = Readonly<Record<string, string | undefined>>;

const kept = ['cache-control', 'content-disposition', 'content-language', 'expires'] as const;
const longestMetadata = 2048;

/** `x-amz-*` headers with which a writer describes an object, besides those that every write knows. */
export const descriptionNames = [
  'x-amz-meta-*',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-acl',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-trailer',
  'x-amz-decoded-content-length',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
];

/**
 * What a writer says about its object.
 *
 * @throws AwsError MetadataTooLarge, AccessControlListNotSupported, NotImplemented
 */
export function describedObject(headers: Headers): Description {
  const { acl, encryption, storage } = {
    acl: headers['x-amz-acl'] ?? 'bucket-owner-full-control',
    encryption: headers['x-amz-server-side-encryption'] ?? 'AES256',
    storage: headers['x-amz-storage-class'] ?? 'STANDARD',
  };
  if (acl !== 'bucket-owner-full-control') {
    throw s3Error('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  }
  if (encryption !== 'AES256') throw notImplemented(`x-amz-server-side-encryption: ${encryption}`);
  if (storage !== 'STANDARD') throw notImplemented(`x-amz-storage-class: ${storage}`);
  const described: Record<string, string> = { 'content-type': headers['content-type'] ?? 'binary/octet-stream' };
  for (const name of kept) {
    const value = headers[name];
    if (value !== undefined) described[name] = value;
  }
  // `aws-chunked` is how the body travels, not what it is.
  const encodings = (headers['content-encoding'] ?? '').split(',').map((one) => one.trim());
  const encoding = encodings.filter((one) => one !== '' && one !== 'aws-chunked').join(',');
  if (encoding !== '') described['content-encoding'] = encoding;
  return { headers: described, metadata: metadataOf(headers) };
}

function metadataOf(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-meta-') || value === undefined) continue;
    metadata[name.slice('x-amz-meta-'.length)] = value;
    size += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
  }
  if (size <= longestMetadata) return metadata;
  throw s3Error('MetadataTooLarge', undefined, { Size: size, MaxSizeAllowed: longestMetadata });
}
