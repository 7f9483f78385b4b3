import { describe } from 'vitest';
import { mobilityRecordsContract } from '../../../contract/mobility-records.ts';
import { MobilityMemory } from '../../../support/mobility-memory.ts';

describe('mobility records in memory', () => mobilityRecordsContract(async () => new MobilityMemory()));
