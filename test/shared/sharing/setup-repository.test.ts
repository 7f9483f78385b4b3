import { describe } from 'vitest';
import { sharingSetupContract } from '../../contract/sharing-setup.ts';
import { MemorySharingSetup } from '../../support/memory-sharing-setup.ts';

describe('what is set up for sharing, in memory', () => {
  sharingSetupContract(async () => new MemorySharingSetup());
});
