import { S3Client } from '@aws-sdk/client-s3';

/**
 * Without checksums that nobody asked for. The SDK would give each part of an upload a CRC32, but not say so when the
 * upload is begun, and S3 refuses that ("expected checksum Type: null, actual checksum Type: crc32"); and it would
 * sign that of an empty body into each URL for an upload.
 */
export function storageClient(): S3Client {
  return new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
}
