import { Construct } from 'constructs';
import { photoFolders } from '#shared/sharing/care/photo.ts';
import { commandTopic } from '#shared/vehicle-cloud/topics.ts';
import type { DataStack } from '../data-stack.ts';
import { anyVehicle } from '../names.ts';
import type { HouseFunction } from '../parts/house-function.ts';
import { grantRecords } from '../parts/record-grants.ts';

export interface CareProps {
  readonly data: Pick<DataStack, 'careTable' | 'photos' | 'keys'>;
}

/** Photos, damage, lost property, cards, and support for those who are locked out: all of it by the API. */
export class Care extends Construct {
  readonly #data: CareProps['data'];

  constructor(scope: Construct, id: string, { data }: CareProps) {
    super(scope, id);
    this.#data = data;
  }

  serve(api: HouseFunction): void {
    const { careTable, photos, keys } = this.#data;
    api.addEnvironment('CARE_TABLE', careTable.tableName);
    api.addEnvironment('PHOTOS_BUCKET', photos.bucketName);
    api.addEnvironment('CARD_KEY', keys.cards.keyId);
    grantRecords(api, careTable, 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    // Whoever may not list learns nothing of what is missing: 403 instead of 404.
    api.may(['s3:ListBucket'], photos.bucketArn);
    const files = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
    api.mayWithFiles(
      files,
      photos,
      photoFolders,
      'Each photo has a name of its own; its folder says how long it is kept.',
    );
    api.may(['kms:GenerateMac'], keys.cards.keyArn);
    api.mayInIot(['iot:Publish'], [`topic/${commandTopic(anyVehicle)}`], 'Any vehicle may be opened by support.');
  }
}
