import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoClaimCodeRepository, DynamoClaimTries } from '#functions/adapters/dynamo/claim-codes.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoOwnershipRepository } from '#functions/adapters/dynamo/ownership.ts';
import { DynamoOwnershipErasure } from '#functions/adapters/dynamo/ownership-erasure.ts';
import type { PersonId } from '#shared/access/person.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { type CodeText, codeOf } from '#shared/ownership/claim-code.ts';
import { ClaimService, type CodeSeal } from '#shared/ownership/claim-service.ts';
import { CodeService } from '#shared/ownership/code-service.ts';
import { OwnershipErasureService } from '#shared/ownership/erasure-service.ts';
import { OwnershipService } from '#shared/ownership/ownership-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import type { ClaimCodeAnswer } from '#shared/vehicle-cloud/envelopes.ts';
import { newTable } from '../../contract/engines.ts';
import { anOperationId } from '../../contract/samples.ts';

export interface TestPerson {
  readonly personId: PersonId;
  readonly username: string;
  /** Default: now. */
  readonly signedInAt?: number;
}

export interface OwnershipSurroundings {
  readonly engine: DynamoDBClient;
  readonly vehicles: VehicleRepository;
  readonly clock: Clock;
}

/** A seal as quick as a test wants it: what scrypt costs is tried elsewhere. */
const quickSeal: CodeSeal = {
  async seal(vehicleId, code) {
    return { vehicleId, salt: 'salt', hash: hashed(vehicleId, code) };
  },
  async opens(code, { vehicleId, hash }) {
    return hash === hashed(vehicleId, code);
  },
};

function hashed(vehicleId: VehicleId, code: CodeText): string {
  return createHash('sha256').update(`${vehicleId} ${code}`).digest('base64');
}

/** The ownerships on a real table; the vehicles' screens alone are played by the test. */
export async function startOwnership({ engine, vehicles, clock }: OwnershipSurroundings) {
  const client = documentClient(engine);
  const table = await newTable(engine, 'ownership');
  const screens: { vehicleId: VehicleId; answer: ClaimCodeAnswer }[] = [];
  const ownerships = new DynamoOwnershipRepository(client, table);
  const codes = new DynamoClaimCodeRepository(client, table);
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  const shared = new Set<VehicleId>();
  const fleet = { among: async (ids: readonly VehicleId[]) => new Set(ids.filter((id) => shared.has(id))) };
  let made = 0;
  const ports = { vehicles, codes, clock, digest, ownerships, seal: quickSeal };
  const codeService = new CodeService({
    ...ports,
    channel: { send: async (vehicleId, answer) => void screens.push({ vehicleId, answer }) },
    newCode: () => codeOf(Uint8Array.of(1, 2, 3, made >> 8, made++ & 0xff)),
  });
  return {
    ...{ client, table, screens, ownerships, codes, codeService, shared },
    services: {
      claims: new ClaimService({ ...ports, shared: fleet, tries: new DynamoClaimTries(client, table) }),
      ownership: new OwnershipService(ports),
      registry: vehicles,
    },
    erasure: new OwnershipErasureService({ ...ports, erasure: new DynamoOwnershipErasure(client, table) }),
    /** What the screen of the vehicle shows after it has asked. */
    async shownBy(vehicleId: VehicleId): Promise<string> {
      const result = await codeService.ask(vehicleId, anOperationId());
      const answer = screens.at(-1)?.answer;
      if (result !== 'shown' || answer?.kind !== 'code') throw new Error(`no code: ${result}`);
      return answer.code;
    },
  };
}
