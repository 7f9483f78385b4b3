import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { tallyOf } from '#shared/ota/campaigns/statistics.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { itemIn } from '../adapters/dynamo/stream-image.ts';
import { isUpdateKey, updateOf } from '../adapters/dynamo/update-item.ts';
import { observed } from '../observability.ts';
import { inOrderByKey } from '../record-batch.ts';
import { wireUpdateConsequences } from '../wiring/update-consequences.ts';

const { consequences, cases, counts } = wireUpdateConsequences();

/** Tumbling windows bring the shard, which a stream's event has not otherwise; their state has to be answered. */
const window = z.object({ shardId: z.string(), state: z.optional(z.unknown()) });

interface Change {
  readonly sequence: string;
  readonly before: Update | undefined;
  readonly after: Update | undefined;
}

/** An update changed: the vehicle is shown it, joins or leaves the campaign's job, is looked after, and is counted. */
export const handler = observed(async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const { shardId, state } = window.parse(event);
  const changes = event.Records.flatMap(changeIn);
  const { batchItemFailures } = await inOrderByKey(changes, ({ sequence }) => sequence, vehicleOf, follow);
  // What comes after the first failure comes again, and is counted then.
  const failed = batchItemFailures[0]?.itemIdentifier;
  const done =
    failed === undefined
      ? changes
      : changes.slice(
          0,
          changes.findIndex((one) => one.sequence === failed),
        );
  await counts.count(
    shardId,
    done.flatMap(({ sequence, before, after }) => {
      const campaignId = (after ?? before)?.campaignId;
      return campaignId === undefined ? [] : [{ campaignId, sequence, tally: tallyOf(before, after) }];
    }),
  );
  return { batchItemFailures, ...{ state: state ?? {} } };
});

/** Of the table's items, updates alone entail something. */
function changeIn({ dynamodb }: DynamoDBRecord): Change[] {
  const { Keys, OldImage, NewImage, SequenceNumber } = dynamodb ?? {};
  if (SequenceNumber === undefined || !isUpdateKey(Keys?.['sk']?.S ?? '')) return [];
  const before = OldImage === undefined ? undefined : updateOf(itemIn(OldImage));
  const after = NewImage === undefined ? undefined : updateOf(itemIn(NewImage));
  return [{ sequence: SequenceNumber, before, after }];
}

function vehicleOf({ before, after }: Change): string {
  return (after ?? before)?.vehicleId ?? '';
}

async function follow({ before, after }: Change): Promise<void> {
  // What is removed was erased, with everything that hung on it.
  if (after === undefined) return;
  await consequences.follow(before, after);
  await cases.follow(after, before);
}
