import { describe } from 'vitest';
import { DynamoBusinesses } from '#functions/adapters/dynamo/businesses.ts';
import { DynamoCharges } from '#functions/adapters/dynamo/charges.ts';
import { DynamoLedger } from '#functions/adapters/dynamo/ledger.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { ledgerContract } from './ledger-repositories.ts';
import { onEachEngine } from './on-each-engine.ts';

describe('the books of an operator, without a table', () =>
  ledgerContract(async () => {
    const book = new MemoryLedger();
    return { book, charges: book, businesses: book };
  }));

onEachEngine((table) => {
  describe('the books of an operator', () =>
    ledgerContract(async () => {
      const place = await table();
      return {
        ...{ book: new DynamoLedger(...place), charges: new DynamoCharges(...place) },
        businesses: new DynamoBusinesses(...place),
      };
    }));
});
