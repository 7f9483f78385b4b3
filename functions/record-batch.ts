import { logger } from './observability.ts';

/**
 * Handles the records of a batch side by side and reports each that failed, so that one poison message never
 * replays its neighbours.
 */
export async function perRecord<R, K extends keyof R>(
  records: readonly R[],
  id: K,
  handle: (record: R) => Promise<void>,
) {
  const results = await Promise.allSettled(records.map(handle));
  const failed = records.flatMap((record, index) => {
    const result = results[index];
    if (result?.status !== 'rejected') return [];
    logger.warn('record failed', { record: String(record[id]), error: errorOf(result.reason) });
    return [{ itemIdentifier: String(record[id]) }];
  });
  return { batchItemFailures: failed };
}

/**
 * As above, but one after the other. What holds everybody up ends the batch: what is behind it comes again with it,
 * without another try before.
 */
export async function inTurn<R, K extends keyof R>(
  records: readonly R[],
  id: K,
  handle: (record: R) => Promise<void>,
  holdsUp: (error: unknown) => boolean,
) {
  const failed: R[] = [];
  for (const [index, record] of records.entries()) {
    try {
      await handle(record);
    } catch (error) {
      logger.warn('record failed', { record: String(record[id]), error: errorOf(error) });
      if (holdsUp(error)) return { ...failuresOf([...failed, ...records.slice(index)], id), heldUp: true };
      failed.push(record);
    }
  }
  return { ...failuresOf(failed, id), heldUp: false };
}

function failuresOf<R, K extends keyof R>(records: readonly R[], id: K) {
  return { batchItemFailures: records.map((record) => ({ itemIdentifier: String(record[id]) })) };
}

/** As above, but in order, and everything after the first failure comes again: the records of a stream. */
export async function inOrder<R>(
  records: readonly R[],
  id: (record: R) => string,
  handle: (record: R) => Promise<void>,
) {
  for (const record of records) {
    try {
      await handle(record);
    } catch (error) {
      logger.warn('record failed', { record: id(record), error: errorOf(error) });
      return { batchItemFailures: [{ itemIdentifier: id(record) }] };
    }
  }
  return { batchItemFailures: [] };
}

/**
 * As above, for records of which only those with the same key have to keep their order: the keys go side by side, so
 * that one import of many does not hold up everybody else. Everything after the first failure comes again.
 */
export async function inOrderByKey<R>(
  records: readonly R[],
  id: (record: R) => string,
  key: (record: R) => string,
  handle: (record: R) => Promise<void>,
) {
  const results = await Promise.all(grouped(records, key).map((chain) => inOrder(chain, id, handle)));
  const failed = new Set(
    results.flatMap(({ batchItemFailures }) => batchItemFailures.map((one) => one.itemIdentifier)),
  );
  const first = records.map(id).find((each) => failed.has(each));
  return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first }] };
}

/**
 * As above, but all records with the same key are one piece of work, each side by side with the others. Everything after
 * the first record of a piece that failed comes again.
 */
export async function together<R>(
  records: readonly R[],
  id: (record: R) => string,
  key: (record: R) => string,
  handle: (records: readonly R[]) => Promise<void>,
) {
  const pieces = grouped(records, key);
  const results = await Promise.allSettled(pieces.map((piece) => handle(piece)));
  const failed = new Set(
    pieces.flatMap((piece, index) => {
      const result = results[index];
      if (result?.status !== 'rejected') return [];
      logger.warn('records failed', { records: piece.map(id), error: errorOf(result.reason) });
      return piece.slice(0, 1);
    }),
  );
  const first = records.find((record) => failed.has(record));
  return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: id(first) }] };
}

function grouped<R>(records: readonly R[], key: (record: R) => string): readonly (readonly R[])[] {
  const groups = new Map<string, R[]>();
  for (const record of records) {
    const group = groups.get(key(record));
    if (group === undefined) groups.set(key(record), [record]);
    else group.push(record);
  }
  return [...groups.values()];
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
