import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { DynamoClientBrandsRepository, DynamoOperationRepository } from '#functions/adapters/dynamo/access.ts';
import { DynamoAuditTrail } from '#functions/adapters/dynamo/audit.ts';
import { DynamoCommandRepository } from '#functions/adapters/dynamo/commands.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoErasureRepository, DynamoProofArchive } from '#functions/adapters/dynamo/erasures.ts';
import { DynamoExportRepository } from '#functions/adapters/dynamo/exports.ts';
import { DynamoImportRepository } from '#functions/adapters/dynamo/imports.ts';
import { DynamoInventoryRepository } from '#functions/adapters/dynamo/inventory.ts';
import { DynamoPresenceRepository } from '#functions/adapters/dynamo/presence.ts';
import { DynamoVehicleRepository } from '#functions/adapters/dynamo/registry.ts';
import { DynamoStandingRepository } from '#functions/adapters/dynamo/standings.ts';
import { DynamoTelemetryRepository } from '#functions/adapters/dynamo/telemetry.ts';
import { DynamoVehicleEraser } from '#functions/adapters/dynamo/vehicle-eraser.ts';
import { createApp, type RequestEntry } from '#functions/api/app.ts';
import { Auditing } from '#functions/api/auditing.ts';
import { Authentication } from '#functions/api/authentication.ts';
import { routes } from '#functions/api/routes.ts';
import { OperationService } from '#shared/access/operation-service.ts';
import { type QuotaPorts, QuotaService } from '#shared/access/quota-service.ts';
import { type Scope, scopeNames, tokenScope } from '#shared/access/scopes.ts';
import { StandingService } from '#shared/access/standing-service.ts';
import type { AuditRecord } from '#shared/audit/audit-record.ts';
import { AuditService } from '#shared/audit/audit-service.ts';
import { CommandService } from '#shared/commands/command-service.ts';
import { ExpiryService } from '#shared/commands/expiry-service.ts';
import { ReplyService } from '#shared/commands/reply-service.ts';
import { ErasureService } from '#shared/erasure/erasure-service.ts';
import { KeptPersons } from '#shared/erasure/kept-persons.ts';
import type { SharingUse } from '#shared/erasure/sharing-step.ts';
import { EcuService } from '#shared/ota/director/ecu-service.ts';
import { EvidenceArchive } from '#shared/ota/evidence/evidence-archive.ts';
import { brandsOf } from '#shared/registry/brand.ts';
import { CertificateService } from '#shared/registry/certificate-service.ts';
import { FleetService } from '#shared/registry/fleet-service.ts';
import { firstHome, homeName } from '#shared/registry/home.ts';
import { MoveService } from '#shared/registry/move-service.ts';
import { RotationService } from '#shared/registry/rotation-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { VehicleObstacles } from '#shared/registry/vehicle-obstacles.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import type { SecurityEvent } from '#shared/security/security-event.ts';
import { IntakeService, type Quarantined } from '#shared/telemetry/intake-service.ts';
import { TelemetryService } from '#shared/telemetry/telemetry-service.ts';
import { ExportService } from '#shared/transfers/export-service.ts';
import { ImportService } from '#shared/transfers/import-service.ts';
import { TwinService } from '#shared/twins/twin-service.ts';
import type { CommandReply, CommandRequest } from '#shared/vehicle-cloud/envelopes.ts';
import { newTable, startDynoxide } from '../../contract/engines.ts';
import { anOperationId } from '../../contract/samples.ts';
import { MemoryEvidence } from '../../support/memory-evidence.ts';
import { MemoryTwins } from './memory-twins.ts';
import { startCampaigns } from './test-campaigns.ts';
import { startOwnership, type TestPerson } from './test-ownership.ts';
import { startReleases } from './test-releases.ts';
import { startSharing } from './test-sharing.ts';
import { startWebhooks } from './test-webhooks.ts';

export interface Call {
  readonly body?: unknown;
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly scopes?: readonly Scope[];
  readonly client?: string;
  /** Asks as this person instead of as a client. */
  readonly person?: TestPerson;
}

/** So that no other promise is about quotas. */
const generous = { client: { rate: 100_000, burst: 1_000_000 }, person: { rate: 100_000, burst: 1_000_000 } };

/** Real tables, real services, real routes; the device cloud alone is played by the test. */
export async function startTestApi({ quotas = generous }: { readonly quotas?: QuotaPorts['quotas'] } = {}) {
  const engine = await startDynoxide();
  const client = documentClient(engine.client);
  const registryTable = await newTable(engine.client, 'registry');
  const [accessTable, commandTable, telemetryTable] = [
    await newTable(engine.client),
    await newTable(engine.client),
    await newTable(engine.client),
  ];
  const time = { now: Date.parse('2026-11-21T08:30:00Z') };
  const clock = { now: () => time.now };
  const brands = brandsOf('volkswagen,audi,peugeot');
  const registry = {
    vehicles: new DynamoVehicleRepository(client, registryTable),
    presences: new DynamoPresenceRepository(client, registryTable),
    inventories: new DynamoInventoryRepository(client, registryTable),
    clock,
  };
  const homes = { names: [firstHome, homeName('north')], forNew: () => undefined };
  const vehicles = new VehicleService({ ...registry, homes });
  const commandRepository = new DynamoCommandRepository(client, commandTable);
  const sent: { vehicleId: VehicleId; request: CommandRequest; replyWithin?: number }[] = [];
  /** What happens on the way, and what the vehicle answers at once where it does. */
  const road: { onSend: (_: { vehicleId: VehicleId; request: CommandRequest }) => Promise<CommandReply | undefined> } =
    {
      onSend: async () => undefined,
    };
  const timer = { wake: async () => {} };
  const commands = new CommandService({
    ...{ vehicles, commands: commandRepository, clock, timer },
    channel: {
      async send(vehicleId, request, _, replyWithin) {
        sent.push({ vehicleId, request, ...(replyWithin !== undefined && { replyWithin }) });
        return road.onSend({ vehicleId, request });
      },
    },
    async pause(ms) {
      time.now += ms;
      await setTimeout(0);
    },
  });
  const telemetry = new DynamoTelemetryRepository(client, telemetryTable);
  const quarantined: Quarantined[] = [];
  const quarantine = { add: async (entry: Quarantined) => void quarantined.push(entry) };
  const twins = new MemoryTwins(clock);
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  const lines: RequestEntry[] = [];
  const taskTable = await newTable(engine.client);
  const links = {
    upload: async (name: string) => `https://storage.example/${name}?upload`,
    download: async (name: string) => `https://storage.example/${name}?download`,
  };
  const trail = new DynamoAuditTrail(client, await newTable(engine.client));
  const auditTrail = { append: (records: readonly AuditRecord[]) => trail.append(records) };
  const standings = new DynamoStandingRepository(client, accessTable);
  const shutOut: string[] = [];
  const watch = { shutOut: (askerId: string) => void shutOut.push(askerId), blind: () => {} };
  const ownership = await startOwnership({ engine: engine.client, vehicles: registry.vehicles, clock });
  const releases = await startReleases(engine.client, clock, brands);
  const campaigns = await startCampaigns(engine.client, ownership.ownerships, registry, clock);
  const proofs = new DynamoProofArchive(client, await newTable(engine.client));
  const erasureCalls: string[] = [];
  const erasureTimer = { wake: async (erasureId: string) => void erasureCalls.push(erasureId) };
  const erasureRepository = new DynamoErasureRepository(client, await newTable(engine.client));
  const sharingAccounts = new Map<string, readonly SharingUse[]>();
  const sha256 = (text: string) => createHash('sha256').update(text).digest();
  const erasures = new ErasureService({
    ...{ vehicles, erasures: erasureRepository, proofs, timer: erasureTimer, clock, brands },
    sha256,
    sharing: { accountsOf: async (personId) => sharingAccounts.get(personId) ?? [] },
  });
  const sharing = await startSharing(engine.client, clock, {
    ...{ brands, registry: vehicles, owners: ownership.ownerships },
  });
  const webhooks = await startWebhooks(engine.client, clock, sharing.services.sharingDoor);
  const evidence = new MemoryEvidence();
  const raised: SecurityEvent[] = [];
  const app = createApp({
    routes,
    quotas: new QuotaService({ standings, clock, quotas, watch }),
    services: {
      ...{ vehicles, commands, brands, clock },
      standings: new StandingService({
        ...{ standings, clock, quota: quotas.client },
        brands: new DynamoClientBrandsRepository(client, accessTable),
      }),
      certificates: new CertificateService({
        ...{ vehicles, twins, rotationTopic: 'rotation' },
        capabilitiesOf: (home) => ({ rotation: home === undefined }),
      }),
      moves: new MoveService({
        ...{ vehicles, homes: homes.names },
        obstacles: new VehicleObstacles(campaigns.repositories.updates, sharing.bookingRepository, clock),
      }),
      imports: new ImportService({ imports: new DynamoImportRepository(client, taskTable), links, trail, clock }),
      exports: new ExportService({
        exports: new DynamoExportRepository(client, taskTable),
        ...{ links, trail, clock, continuations: { send: async () => {} } },
      }),
      twins: new TwinService({ vehicles, twins, digest }),
      telemetry: new TelemetryService({ vehicles, telemetry }),
      audit: new AuditService({ vehicles, archive: trail, brands }),
      ...ownership.services,
      ...releases.services,
      ...campaigns.services,
      ...sharing.services,
      ...webhooks.services,
      ecus: new EcuService({ vehicles, records: releases.directorRecords, cryptography }),
      evidence: new EvidenceArchive(evidence),
      security: { raise: async (event) => void raised.push(event) },
      erasures,
      persons: new KeptPersons({ erasures: erasureRepository, sha256 }),
    },
    auditing: new Auditing({ append: (records) => auditTrail.append(records) }, clock),
    authentication: new Authentication(new DynamoClientBrandsRepository(client, accessTable), brands, clock),
    operations: new OperationService({
      operations: new DynamoOperationRepository(client, accessTable),
      clock,
      newId: anOperationId,
    }),
    documents: { openApi: async () => '{}', page: async (origin) => `<html>${origin}</html>` },
    log: { request: (line) => void lines.push(line), failure: (line) => void lines.push(line) },
  });
  const letIn = (clientId: string, ...allowed: string[]) =>
    client.send(
      new PutCommand({ TableName: accessTable, Item: { pk: `client#${clientId}`, sk: 'brands', brands: allowed } }),
    );
  await letIn('operator', '*');
  await letIn('reader', 'volkswagen');

  async function call(method: string, path: string, options: Call = {}) {
    const { body, rawBody, headers, scopes = scopeNames, client: clientId = 'operator' } = options;
    const text = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const auth_time = String(Math.floor((options.person?.signedInAt ?? time.now) / 1000));
    const asker =
      options.person === undefined
        ? { client_id: clientId, sub: clientId, scope: scopes.map(tokenScope).join(' ') }
        : {
            client_id: 'app',
            sub: options.person.personId,
            username: options.person.username,
            scope: 'openid',
            auth_time,
          };
    const claims = { ...asker, token_use: 'access' };
    const bindings = {
      event: { requestContext: { authorizer: { jwt: { claims } } } },
      lambdaContext: { awsRequestId: 'request-1' },
    };
    const init = {
      method,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    };
    const response = await app.request(path, init, bindings);
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const json = isJson ? JSON.parse(answer) : undefined;
    return { status: response.status, headers: response.headers, text: answer, json };
  }

  return {
    ...{ app, client, accessTable, shutOut, call, letIn, time, sent, road, twins, lines, quarantined },
    ...{
      evidence,
      raised,
      auditTrail,
      ownership,
      releases,
      campaigns,
      sharing,
      webhooks,
      erasureCalls,
      erasureRepository,
      proofs,
      sharingAccounts,
    },
    fleet: new FleetService(registry),
    rotations: new RotationService(registry.vehicles, clock),
    eraser: new DynamoVehicleEraser(client, registryTable),
    replies: new ReplyService(commandRepository),
    expiries: new ExpiryService({ commands: commandRepository, timer, trail, clock }),
    intake: new IntakeService({ telemetry, quarantine, keptFor: 90 * 24 * 3_600_000, clock }),
    stop: () => engine.stop(),
  };
}

export type TestApi = Awaited<ReturnType<typeof startTestApi>>;
