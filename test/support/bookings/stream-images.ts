import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { bookingKeys, driverOf, vehicleOf } from '#functions/adapters/dynamo/booking-item.ts';
import { itemIn } from '#functions/adapters/dynamo/stream-image.ts';
import { EngineClient } from '#local/dynamo/engine-client.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';

export type Image =
  | { readonly of: 'car'; readonly vehicle: BookedVehicle }
  | { readonly of: 'person'; readonly driver: Driver };

type Attributes = Parameters<typeof itemIn>[0];
const image = z.custom<Attributes>((value) => typeof value === 'object' && value !== null);
const description = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string() })),
    LastEvaluatedShardId: z.string().nullish(),
  }),
});
const iterator = z.object({ ShardIterator: z.string() });
const page = z.object({
  Records: z.array(z.object({ dynamodb: z.object({ NewImage: image.nullish() }) })),
  NextShardIterator: z.string().nullish(),
});

/** All that was ever written into a table with a stream, in its order. */
export async function imagesOf(client: DynamoDBClient, table: string): Promise<Image[]> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const engine = new EngineClient(await endpointOf(client), {
    region: 'eu-central-1',
    accountId: '000000000000',
  });
  const StreamArn = Table?.LatestStreamArn ?? '';
  const images: Image[] = [];
  const described = description.parse(await engine.callStreams('DescribeStream', { StreamArn }));
  for (const { ShardId } of described.StreamDescription.Shards) {
    const first = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let next: string | null | undefined = iterator.parse(
      await engine.callStreams('GetShardIterator', first),
    ).ShardIterator;
    while (next) {
      const records = page.parse(await engine.callStreams('GetRecords', { ShardIterator: next, Limit: 1000 }));
      if (records.Records.length === 0) break;
      images.push(
        ...records.Records.flatMap(({ dynamodb: { NewImage } }) => (NewImage ? [imageOf(itemIn(NewImage))] : [])),
      );
      next = records.NextShardIterator;
    }
  }
  engine.close();
  return images;
}

export async function endpointOf(client: DynamoDBClient): Promise<string> {
  const { hostname, port, protocol } = (await client.config.endpoint?.()) ?? { hostname: '', protocol: 'http:' };
  return `${protocol}//${hostname}:${port}`;
}

function imageOf(item: Readonly<Record<string, unknown>>): Image {
  const isCar = bookingKeys.isVehicle(String(item['pk']));
  return isCar ? { of: 'car', vehicle: vehicleOf(item) } : { of: 'person', driver: driverOf(item) };
}
