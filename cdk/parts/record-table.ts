import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, type StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

export interface RecordTableProps {
  readonly stream?: StreamViewType;
  readonly indexes?: readonly RecordIndex[];
}

export interface RecordIndex {
  readonly name: string;
  readonly partition: string;
  readonly sort: string;
  /** It holds the keys and nothing else: a change that leaves them as they are costs it nothing. */
  readonly keysOnly?: boolean;
  /** It holds the keys and these attributes. */
  readonly only?: readonly string[];
}

/** The house table: `pk` and `sk`, paid by request, recoverable to the second, and in nobody's way to deletion but a person's. */
export class RecordTable extends TableV2 {
  constructor(scope: Construct, id: string, { stream, indexes = [] }: RecordTableProps = {}) {
    super(scope, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(stream === undefined ? {} : { dynamoStream: stream }),
      globalSecondaryIndexes: indexes.map(({ name, partition, sort, keysOnly, only }) => ({
        indexName: name,
        partitionKey: { name: partition, type: AttributeType.STRING },
        sortKey: { name: sort, type: AttributeType.STRING },
        ...(keysOnly === true ? { projectionType: ProjectionType.KEYS_ONLY } : {}),
        ...(only === undefined ? {} : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...only] }),
      })),
    });
  }
}
