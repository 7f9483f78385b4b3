import { announcing, localS3 } from './local-s3.ts';

/** Serves S3 from a directory until somebody kills it; tells its bus nothing, as if that came too late. */
const [directory = ''] = process.argv.slice(2);
const s3 = await localS3({ directory, deaf: true });
await s3.create('AWS::S3::Bucket', 'transfers', announcing);
s3.buckets.start();
process.stdout.write(`${JSON.stringify({ endpoint: s3.endpoint, credentials: s3.iam.administratorKey })}\n`);
