import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe } from 'vitest';
import { DynamoClientBrandsRepository, DynamoOperationRepository } from '#functions/adapters/dynamo/access.ts';
import { DynamoAuditTrail } from '#functions/adapters/dynamo/audit.ts';
import { DynamoCounterRepository } from '#functions/adapters/dynamo/campaign-counters.ts';
import { DynamoDueRepository } from '#functions/adapters/dynamo/campaign-due.ts';
import { DynamoCaseRepository } from '#functions/adapters/dynamo/cases.ts';
import { DynamoClaimCodeRepository, DynamoClaimTries } from '#functions/adapters/dynamo/claim-codes.ts';
import { DynamoCommandRepository } from '#functions/adapters/dynamo/commands.ts';
import { DynamoDeliveryRepository } from '#functions/adapters/dynamo/deliveries.ts';
import { DynamoDirectorRecords } from '#functions/adapters/dynamo/director-records.ts';
import { DynamoDemandBook } from '#functions/adapters/dynamo/field-demand.ts';
import { DynamoFigureBook } from '#functions/adapters/dynamo/field-figures.ts';
import { DynamoTaskRepository } from '#functions/adapters/dynamo/field-tasks.ts';
import { DynamoHardwareRepository } from '#functions/adapters/dynamo/hardware.ts';
import { DynamoInventoryRepository } from '#functions/adapters/dynamo/inventory.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoMobilityRecords } from '#functions/adapters/dynamo/mobility-book.ts';
import { DynamoMobilityReader } from '#functions/adapters/dynamo/mobility-reader.ts';
import { DynamoOwnershipRepository } from '#functions/adapters/dynamo/ownership.ts';
import { DynamoOwnershipErasure } from '#functions/adapters/dynamo/ownership-erasure.ts';
import { DynamoPresenceRepository } from '#functions/adapters/dynamo/presence.ts';
import { DynamoVehicleRepository } from '#functions/adapters/dynamo/registry.ts';
import { DynamoReleaseRepository } from '#functions/adapters/dynamo/releases.ts';
import { DynamoRepositoryRecords } from '#functions/adapters/dynamo/repository-records.ts';
import { DynamoPaymentBooks } from '#functions/adapters/dynamo/sandbox-payments.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { DynamoStandingRepository } from '#functions/adapters/dynamo/standings.ts';
import { DynamoTelemetryRepository } from '#functions/adapters/dynamo/telemetry.ts';
import { DynamoTripLog } from '#functions/adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '#functions/adapters/dynamo/trips.ts';
import { DynamoUpdateRepository } from '#functions/adapters/dynamo/updates.ts';
import { DynamoVehicleHomes } from '#functions/adapters/dynamo/vehicle-homes.ts';
import { DynamoWebhookRepository } from '#functions/adapters/dynamo/webhooks.ts';
import { DynamoWishCopies } from '#functions/adapters/dynamo/wish-copies.ts';
import { keyedDigest } from '#functions/adapters/node-crypto/keyed-digest.ts';
import { auditArchiveContract } from './audit-archive.ts';
import { counterRepositoryContract, dueRepositoryContract, updateRepositoryContract } from './campaign-repositories.ts';
import { caseRepositoryContract } from './case-repository.ts';
import { commandRepositoryContract } from './command-repository.ts';
import { demandBookContract, figureBookContract, taskRepositoryContract } from './field-repositories.ts';
import { listingRepositoryContract } from './listing-repository.ts';
import { lostAnswersContract } from './lost-answers.ts';
import { mobilityRecordsContract } from './mobility-records.ts';
import { onEachEngine } from './on-each-engine.ts';
import { operationRepositoryContract } from './operation-repository.ts';
import { ownershipRepositoryContract } from './ownership-repository.ts';
import { inventoryRepositoryContract, presenceRepositoryContract } from './presence-repository.ts';
import { hardwareRepositoryContract, releaseRepositoryContract } from './release-repository.ts';
import { directorRecordsContract, repositoryRecordsContract } from './repository-records.ts';
import { sharingSetupContract } from './sharing-setup.ts';
import { standingRepositoryContract } from './standing-repository.ts';
import { telemetryRepositoryContract } from './telemetry-repository.ts';
import { paymentBooksContract, tripLogContract, tripRepositoryContract } from './trip-repositories.ts';
import { vehicleHomesContract } from './vehicle-homes.ts';
import { vehicleRepositoryContract } from './vehicle-repository.ts';
import { webhookRepositoriesContract } from './webhook-repositories.ts';
import { wishCopiesContract } from './wish-copies.ts';

onEachEngine((table) => {
  describe('field', () => {
    taskRepositoryContract(async () => new DynamoTaskRepository(...(await table())));
    figureBookContract(async () => new DynamoFigureBook(...(await table())));
    demandBookContract(async () => new DynamoDemandBook(...(await table())));
  });
  describe('vehicles', () => {
    vehicleRepositoryContract(async () => new DynamoVehicleRepository(...(await table('registry'))));
  });
  describe('homes of vehicles', () => {
    vehicleHomesContract(async () => {
      const place = await table('registry');
      const [client, TableName] = place;
      return {
        homes: new DynamoVehicleHomes(...place),
        vehicles: new DynamoVehicleRepository(...place),
        async erase(vehicleId) {
          const Item = { pk: `veh#${vehicleId}`, sk: 'erased', brand: 'audi', erasureId: 'era-1' };
          await client.send(new PutCommand({ TableName, Item }));
        },
      };
    });
  });
  describe('presence', () => {
    presenceRepositoryContract(async () => new DynamoPresenceRepository(...(await table('registry'))));
  });
  describe('wish copies', () => {
    wishCopiesContract(async () => new DynamoWishCopies(...(await table('registry'))));
  });
  describe('inventory', () => {
    inventoryRepositoryContract(async () => new DynamoInventoryRepository(...(await table('registry'))));
  });
  describe('operations', () => {
    operationRepositoryContract(
      async () => new DynamoOperationRepository(...(await table())),
      async () => new DynamoClientBrandsRepository(...(await table())),
    );
  });
  describe('standings', () => {
    standingRepositoryContract(async () => new DynamoStandingRepository(...(await table())));
  });
  describe('commands', () => {
    commandRepositoryContract(async () => new DynamoCommandRepository(...(await table())));
  });
  describe('audit', () => {
    auditArchiveContract(async () => new DynamoAuditTrail(...(await table())));
  });
  describe('ownership', () => {
    ownershipRepositoryContract(async () => {
      const place = await table('ownership');
      return {
        ownerships: new DynamoOwnershipRepository(...place),
        codes: new DynamoClaimCodeRepository(...place),
        tries: new DynamoClaimTries(...place),
        erasure: new DynamoOwnershipErasure(...place),
      };
    });
  });
  describe('releases', () => {
    releaseRepositoryContract(async () => new DynamoReleaseRepository(...(await table())));
  });
  describe('repositories of metadata', () => {
    repositoryRecordsContract(async () => new DynamoRepositoryRecords(...(await table())));
  });
  describe('what the Director remembers', () => {
    directorRecordsContract(async () => new DynamoDirectorRecords(...(await table())));
  });
  describe('hardware', () => {
    hardwareRepositoryContract(async () => new DynamoHardwareRepository(...(await table())));
  });
  describe('updates', () => {
    updateRepositoryContract(async () => new DynamoUpdateRepository(...(await table('updates'))));
  });
  describe('cases', () => {
    caseRepositoryContract(async () => new DynamoCaseRepository(...(await table('updates'))));
  });
  describe('counters of campaigns', () => {
    counterRepositoryContract(async () => new DynamoCounterRepository(...(await table())));
  });
  describe('what is due in campaigns', () => {
    dueRepositoryContract(async () => new DynamoDueRepository(...(await table())));
  });
  describe('what is set up for sharing', () => {
    sharingSetupContract(async () => new DynamoSharingSetup(...(await table())));
  });
  describe('listings of shared vehicles', () => {
    listingRepositoryContract(async () => new DynamoListingRepository(...(await table())));
  });
  describe('trips', () => {
    tripRepositoryContract(async () => new DynamoTripRepository(...(await table('trips'))));
    tripLogContract(async () => new DynamoTripLog(...(await table('trips'))));
    paymentBooksContract(async () => new DynamoPaymentBooks(...(await table('trips'))));
  });
  describe('mobility records', () =>
    mobilityRecordsContract(async () => {
      const place = await table('trips');
      const [book, reader] = [new DynamoMobilityRecords(...place, keyedDigest), new DynamoMobilityReader(...place)];
      return {
        addCity: (id, record) => book.addCity(id, record),
        keep: (told, record) => book.keep(told, record),
        city: (id) => reader.city(id),
        device: (id, vehicleId) => reader.device(id, vehicleId),
        deviceOf: (id, deviceId) => reader.deviceOf(id, deviceId),
        devices: (id, page) => reader.devices(id, page),
        events: (id, span) => reader.events(id, span),
      };
    }));
  describe('telemetry', () => {
    telemetryRepositoryContract(async () => new DynamoTelemetryRepository(...(await table())));
  });
  describe('webhooks', () => {
    webhookRepositoriesContract(async () => {
      const place = await table();
      return [new DynamoWebhookRepository(...place), new DynamoDeliveryRepository(...place)];
    });
  });
  describe('where the first answer to a write was lost', () => lostAnswersContract(table));
});
