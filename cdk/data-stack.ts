import { CfnOutput, Stack } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { Access } from './capabilities/access.ts';
import { Fleet } from './capabilities/fleet.ts';
import { RecordTable } from './parts/record-table.ts';
import type { Settings } from './settings.ts';

/** What must outlive every deployment: records, identities, and the groups that vehicles belong to. */
export class DataStack extends Stack {
  readonly registryTable: RecordTable;
  readonly telemetryTable: RecordTable;
  readonly commandsTable: RecordTable;
  readonly accessTable: RecordTable;
  readonly access: Access;

  constructor(scope: Construct, settings: Settings) {
    super(scope, `Fleetloom-${settings.stage}-Data`, {
      env: { region: settings.region },
      description: `Fleetloom ${settings.stage}: tables, identities and thing groups`,
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
    this.access = new Access(this, 'Access', settings);
    new Fleet(this, 'Fleet', settings);
    this.outputs();
  }

  /** What `docs/deploy.md` reads. */
  private outputs(): void {
    new CfnOutput(this, 'UserPoolId', { value: this.access.userPool.userPoolId });
    new CfnOutput(this, 'TokenUrl', { value: `${this.access.domain.baseUrl()}/oauth2/token` });
    new CfnOutput(this, 'AccessTableName', { value: this.accessTable.tableName });
    for (const { role, client } of this.access.clients) {
      new CfnOutput(this, `ClientId${role}`, { value: client.userPoolClientId });
    }
  }
}
