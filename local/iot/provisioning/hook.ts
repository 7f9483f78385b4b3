import { z } from 'zod';
import type { LocalClock } from '#local/clock.ts';
import type { InvocationResult, LambdaInvoker } from '#local/lambda/invoker.ts';
import { ProvisioningRejection } from './rejection.ts';

/** What AWS IoT tells the hook about a device (payload version 2020-04-01). */
export interface HookRequest {
  readonly claimCertificateId: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly templateArn: string;
  readonly clientId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const answer = z.object({
  allowProvisioning: z.boolean(),
  parameterOverrides: z.record(z.string(), z.string()).nullish(),
});

const patience = 5_000;

/**
 * Asks the pre-provisioning hook. Answers the parameters with its overrides; throws the rejection when it
 * says no, fails, answers something else or is late.
 */
export async function askHook(
  request: HookRequest,
  functionArn: string,
  { lambda, clock, log }: { lambda: LambdaInvoker; clock: LocalClock; log: (line: string) => void },
): Promise<Readonly<Record<string, string>>> {
  const refused = (reason: string) => {
    log(`The pre-provisioning hook let ${request.clientId} not in: ${reason}`);
    return new ProvisioningRejection(403, 'AccessDenied', 'The pre-provisioning hook did not allow provisioning.');
  };
  const source = { kind: 'service', principal: 'iot.amazonaws.com', sourceArn: request.templateArn } as const;
  let result: InvocationResult | 'late';
  try {
    result = await within(patience, clock, lambda.invoke(functionArn, request, source));
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error));
  }
  if (result === 'late') throw refused(`no answer within ${patience} ms`);
  if (result.kind === 'failed') throw refused(`${result.errorType}: ${result.errorMessage}`);
  const parsed = answer.safeParse(result.payload);
  if (!parsed.success) throw refused('it answered something that is not understood');
  if (!parsed.data.allowProvisioning) throw refused('allowProvisioning is false');
  return { ...request.parameters, ...parsed.data.parameterOverrides };
}

async function within<T>(ms: number, clock: LocalClock, work: Promise<T>): Promise<T | 'late'> {
  let cancel = () => {};
  const late = new Promise<'late'>((resolve) => {
    cancel = clock.after(ms, () => resolve('late'));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
