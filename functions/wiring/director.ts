import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { ReleasedUpdates } from '#shared/ota/director/campaign-gate.ts';
import { DirectorService } from '#shared/ota/director/director-service.ts';
import { InstallationService } from '#shared/sharing/bookings/installation-service.ts';
import { AnswerMessages } from '../adapters/channels/answer-messages.ts';
import { DownloadGrants } from '../adapters/cloudfront/download-grants.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoCampaignRepository } from '../adapters/dynamo/campaigns.ts';
import { DynamoDirectorRecords } from '../adapters/dynamo/director-records.ts';
import { DynamoDirectorRoots } from '../adapters/dynamo/director-roots.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { deviceMessages } from './device-cloud.ts';
import { lastingKey } from './lasting-key.ts';

export function wireDirector(): DirectorService {
  const client = documentClient();
  const kms = kmsClient();
  const updates = setting('UPDATES_TABLE');
  const releases = setting('RELEASES_TABLE');
  return new DirectorService({
    records: new DynamoDirectorRecords(client, updates),
    gate: new ReleasedUpdates(
      new DynamoCampaignRepository(client, setting('CAMPAIGNS_TABLE')),
      new DynamoUpdateRepository(client, updates),
      new InstallationService(new DynamoBookingRepository(client, setting('BOOKINGS_TABLE'))),
    ),
    releases: new DynamoReleaseRepository(client, releases),
    roots: new DynamoDirectorRoots(client, releases),
    grants: new DownloadGrants({
      ...{ client: kms, clock, domainName: setting('DOWNLOADS_DOMAIN') },
      ...{ keyPairId: setting('DOWNLOAD_KEY_PAIR_ID'), keyId: setting('DOWNLOAD_KEY_ID') },
    }),
    key: lastingKey(kms, setting('DIRECTOR_KEY')),
    channel: new AnswerMessages(deviceMessages(client), 'updates', clock),
    ...{ cryptography, clock },
  });
}
