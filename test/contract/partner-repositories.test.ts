import { describe } from 'vitest';
import { DynamoPackageRepository } from '#functions/adapters/dynamo/packages.ts';
import { MemoryPackages } from '../support/memory-packages.ts';
import { onEachEngine } from './on-each-engine.ts';
import { packageRepositoryContract } from './partner-repositories.ts';

describe('what partners have bought, without a table', () =>
  packageRepositoryContract(async () => new MemoryPackages()));

onEachEngine((table) => {
  describe('what partners have bought', () => {
    packageRepositoryContract(async () => new DynamoPackageRepository(...(await table())));
  });
});
