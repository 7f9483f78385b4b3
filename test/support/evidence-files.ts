import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { LocalCloud } from '#local/cloud.ts';
import { administrator } from './aws-clients.ts';

/** The bucket of evidence, as an administrator of the account gets at it. */
export class EvidenceFiles {
  readonly client: S3Client;
  readonly bucket: string;

  constructor({ file, execution }: LocalCloud) {
    const found = [...execution.resources.values()].find(
      ({ type, logicalId }) => type === 'AWS::S3::Bucket' && logicalId.startsWith('Evidence'),
    );
    this.bucket = found?.ref ?? '';
    this.client = new S3Client({ ...administrator(file), forcePathStyle: true });
  }

  async names(prefix: string): Promise<readonly string[]> {
    const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }));
    return Contents.map(({ Key = '' }) => Key);
  }

  async read(name: string): Promise<unknown> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: name }));
    return JSON.parse((await Body?.transformToString()) ?? '');
  }

  close(): void {
    this.client.destroy();
  }
}
