import { GetObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';

/** Undefined where there is no such object; without the right to list the bucket S3 would not say so. */
export async function foundText(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
): Promise<string | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand(object));
    return await Body?.transformToString('utf-8');
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
