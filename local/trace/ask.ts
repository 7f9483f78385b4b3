import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { cloudFilePath } from '#local/cloud-file.ts';
import { type TraceRecord, traceRecord } from './hop-record.ts';

/** What this program needs to know of a running cloud. */
const cloudFile = z.object({
  region: z.string(),
  aws: z.object({ endpoint: z.url(), accessKeyId: z.string(), secretAccessKey: z.string() }),
});

type Cloud = z.infer<typeof cloudFile>;

/** The question cannot be answered; the message says what to do. */
export class NoAnswer extends Error {}

/** @throws NoAnswer when no cloud runs there, or it does not answer as this version's would */
export async function askForTraces(stateDirectory: string, id: string | undefined, last: number) {
  const cloud = runningCloud(stateDirectory);
  const query = [...(id === undefined ? [] : [`id=${encodeURIComponent(id)}`]), `last=${last}`].join('&');
  const answer = await signedGet(cloud, '/traces', query).catch((cause: unknown) => {
    throw new NoAnswer(`${noCloud(stateDirectory)} (${cloud.aws.endpoint} does not answer.)`, { cause });
  });
  const body: unknown = await answer.json().catch(() => undefined);
  const parsed = z.object({ traces: z.array(traceRecord) }).safeParse(body);
  if (answer.ok && parsed.success) return parsed.data.traces satisfies readonly TraceRecord[];
  throw new NoAnswer(`The cloud at ${cloud.aws.endpoint} answered ${answer.status}: ${JSON.stringify(body)}`);
}

function runningCloud(stateDirectory: string): Cloud {
  try {
    return cloudFile.parse(JSON.parse(readFileSync(cloudFilePath(stateDirectory), 'utf8')));
  } catch (cause) {
    throw new NoAnswer(noCloud(stateDirectory), { cause });
  }
}

function noCloud(stateDirectory: string): string {
  return (
    `No cloud is running with its state in ${stateDirectory}. ` +
    'Start one with `npm start -- --trace`, or name its directory with --state DIR.'
  );
}

/** Signature Version 4 of a request without body. */
function signedGet({ region, aws }: Cloud, path: string, query: string): Promise<Response> {
  const { host } = new URL(aws.endpoint);
  const timestamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${timestamp.slice(0, 8)}/${region}/traces/aws4_request`;
  const canonical = `GET\n${path}\n${query}\nhost:${host}\nx-amz-date:${timestamp}\n\nhost;x-amz-date\n${sha256('')}`;
  let key: Buffer = Buffer.from(`AWS4${aws.secretAccessKey}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`;
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${aws.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  return fetch(`${aws.endpoint}${path}?${query}`, { headers: { 'x-amz-date': timestamp, authorization } });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
