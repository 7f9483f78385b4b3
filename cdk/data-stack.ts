import { CfnOutput, Stack } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { Access } from './capabilities/access.ts';
import { DeviceCloud } from './capabilities/device-cloud.ts';
import { Fleet } from './capabilities/fleet.ts';
import { deviceCloudNames } from './names.ts';
import { EvidenceBucket } from './parts/evidence-bucket.ts';
import { FeedsBucket } from './parts/feeds-bucket.ts';
import { OnlineKeys } from './parts/online-keys.ts';
import { PhotosBucket } from './parts/photos-bucket.ts';
import { RecordTable } from './parts/record-table.ts';
import { TransfersBucket } from './parts/transfers-bucket.ts';
import { UpdatesBucket } from './parts/updates-bucket.ts';
import type { Settings } from './settings.ts';

/** What must outlive every deployment: records, identities, and what vehicles belong to and hang on. */
export class DataStack extends Stack {
  readonly registryTable: RecordTable;
  readonly telemetryTable: RecordTable;
  readonly commandsTable: RecordTable;
  readonly accessTable: RecordTable;
  readonly ownershipTable: RecordTable;
  readonly auditTable: RecordTable;
  readonly tasksTable: RecordTable;
  readonly updatesTable: RecordTable;
  readonly campaignsTable: RecordTable;
  readonly releasesTable: RecordTable;
  /** Who has which shared vehicle: the items that decide, and nothing else. */
  readonly bookingsTable: RecordTable;
  /** Operators, cities, zones, prices, shared vehicles, and what a search shows of them. */
  readonly sharingTable: RecordTable;
  /** What became of each use: the vehicle's log, its moves, the trip, its bill and payments. */
  readonly tripsTable: RecordTable;
  /** Webhooks, who listens to what, and deliveries by their status. */
  readonly webhooksTable: RecordTable;
  /** Invoices, credit notes, charges, business accounts. */
  readonly ledgerTable: RecordTable;
  /** Reports of drivers, damage, lost property, cards, openings by staff. */
  readonly careTable: RecordTable;
  /** Tasks of field staff, and what is counted of demand and use. */
  readonly fieldTable: RecordTable;
  /** Partners who book here, and those whose vehicles are offered here: packages, offers, legs. */
  readonly partnersTable: RecordTable;
  readonly transfers: TransfersBucket;
  readonly updates: UpdatesBucket;
  readonly evidence: EvidenceBucket;
  readonly feeds: FeedsBucket;
  /** What drivers and staff photograph. */
  readonly photos: PhotosBucket;
  readonly keys: OnlineKeys;
  readonly access: Access;

  constructor(scope: Construct, settings: Settings) {
    super(scope, `Fleetloom-${settings.stage}-Data`, {
      env: { region: settings.region },
      description: `Fleetloom ${settings.stage}: tables, identities, thing groups and device policies`,
      terminationProtection: true,
    });
    this.registryTable = new RecordTable(this, 'Registry', {
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      indexes: [
        { name: 'byModel', partition: 'brandShard', sort: 'modelKey' },
        { name: 'bySoftware', partition: 'brandShard', sort: 'softwareKey' },
      ],
    });
    this.telemetryTable = new RecordTable(this, 'Telemetry');
    this.commandsTable = new RecordTable(this, 'Commands');
    this.accessTable = new RecordTable(this, 'AccessRecords');
    this.ownershipTable = new RecordTable(this, 'Ownership', {
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      indexes: [{ name: 'byPerson', partition: 'personId', sort: 'since' }],
    });
    this.updatesTable = new RecordTable(this, 'Updates', {
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      indexes: [
        { name: 'byCampaign', partition: 'campaignShard', sort: 'pk', keysOnly: true },
        { name: 'openCases', partition: 'caseState', sort: 'caseRank' },
      ],
    });
    this.campaignsTable = new RecordTable(this, 'Campaigns');
    this.releasesTable = new RecordTable(this, 'Releases');
    this.bookingsTable = new RecordTable(this, 'Bookings', { stream: StreamViewType.NEW_AND_OLD_IMAGES });
    this.sharingTable = new RecordTable(this, 'Sharing', { stream: StreamViewType.NEW_IMAGE });
    this.tripsTable = new RecordTable(this, 'Trips', {
      stream: StreamViewType.NEW_IMAGE,
      indexes: [
        { name: 'byPerson', partition: 'personId', sort: 'reservationId', keysOnly: true },
        { name: 'byHour', partition: 'hour', sort: 'moment', only: ['told'] },
      ],
    });
    // Tables with indexes one after the other: DynamoDB makes few at a time (CloudFormation, "AWS::DynamoDB::Table").
    this.ownershipTable.node.addDependency(this.registryTable);
    this.updatesTable.node.addDependency(this.registryTable, this.ownershipTable);
    this.tripsTable.node.addDependency(this.registryTable, this.ownershipTable, this.updatesTable);
    this.auditTable = new RecordTable(this, 'Audit');
    this.tasksTable = new RecordTable(this, 'Tasks');
    this.webhooksTable = new RecordTable(this, 'Webhooks');
    this.ledgerTable = new RecordTable(this, 'Ledger');
    this.careTable = new RecordTable(this, 'Care');
    this.fieldTable = new RecordTable(this, 'Field');
    this.partnersTable = new RecordTable(this, 'Partners', { stream: StreamViewType.NEW_AND_OLD_IMAGES });
    this.transfers = new TransfersBucket(this, 'Transfers');
    this.updates = new UpdatesBucket(this, 'UpdateFiles');
    this.evidence = new EvidenceBucket(this, 'Evidence', settings.evidenceLock);
    this.feeds = new FeedsBucket(this, 'FeedFiles');
    this.photos = new PhotosBucket(this, 'Photos');
    this.keys = new OnlineKeys(this, 'OnlineKeys');
    this.access = new Access(this, 'Access', settings);
    new Fleet(this, 'Fleet', settings);
    new DeviceCloud(this, 'DeviceCloud', settings);
    this.outputs(settings);
  }

  /** What `docs/deploy.md` reads. */
  private outputs({ stage }: Settings): void {
    new CfnOutput(this, 'DownloadKeyId', { value: this.keys.downloads.keyId });
    new CfnOutput(this, 'UserPoolId', { value: this.access.userPool.userPoolId });
    new CfnOutput(this, 'TokenUrl', { value: `${this.access.domain.baseUrl()}/oauth2/token` });
    new CfnOutput(this, 'AuthorizeUrl', { value: `${this.access.domain.baseUrl()}/oauth2/authorize` });
    new CfnOutput(this, 'AppClientId', { value: this.access.app.userPoolClientId });
    new CfnOutput(this, 'AccessTableName', { value: this.accessTable.tableName });
    new CfnOutput(this, 'ClaimPolicyName', { value: deviceCloudNames(stage).claimPolicy });
    for (const { role, client } of this.access.clients) {
      new CfnOutput(this, `ClientId${role}`, { value: client.userPoolClientId });
    }
  }
}
