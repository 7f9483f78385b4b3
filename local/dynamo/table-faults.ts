import { AwsError } from '#local/aws-error.ts';
import { type Fate, type Faults, unlessBrokenOff } from '#local/faults/faults.ts';
import { injectedError } from '#local/faults/known-errors.ts';

type Input = Readonly<Record<string, unknown>>;

/** What stands between a call and the tables it names: each table is asked, and the worst of them counts. */
export async function throughFaults<T>(
  faults: Faults,
  {
    operation,
    tables,
    input,
  }: { readonly operation: string; readonly tables: readonly string[]; readonly input: Input },
  work: () => Promise<T>,
): Promise<T> {
  let broken: Fate = { kind: 'deliver' };
  for (const table of tables) {
    const label = `${table}:${operation}`;
    const fate = await faults.at('table', label);
    if (fate.kind === 'fail') throw fate.error;
    if (fate.kind === 'conflict') throw conflict(operation, input);
    if (fate.kind === 'drop') throw new AwsError('InternalServerError', 500, `${label} did not reach the table.`);
    if (fate.kind === 'cut' || fate.kind === 'hang') broken = fate;
  }
  return unlessBrokenOff(broken, work);
}

/**
 * A transaction is cancelled with one reason an item, in their order (API reference, TransactWriteItems); a single
 * write gets an error of its own.
 */
function conflict(operation: string, input: Input): AwsError {
  const single = injectedError('TransactionConflictException');
  if (!operation.startsWith('Transact')) return single;
  const items = Array.isArray(input['TransactItems']) ? input['TransactItems'] : [];
  const reasons = items.map((_, index) =>
    index === 0 ? { Code: 'TransactionConflict', Message: single.message } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  // The SDK takes the message of this one error from a capital member.
  return new AwsError('TransactionCanceledException', 400, message, {
    Message: message,
    CancellationReasons: reasons,
  });
}
