import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { cloudFilePath } from '#local/cloud-file.ts';
import { signedCall } from '#local/signed-call.ts';
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
  const answer = await signedCall(cloud, { service: 'traces', method: 'GET', path: '/traces', query }).catch(
    (cause: unknown) => {
      throw new NoAnswer(`${noCloud(stateDirectory)} (${cloud.aws.endpoint} does not answer.)`, { cause });
    },
  );
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
