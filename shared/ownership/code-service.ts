import * as z from 'zod/mini';
import type { Clock } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { VehicleRepository } from '../registry/vehicle-repository.ts';
import type { ClaimCodeAnswer } from '../vehicle-cloud/envelopes.ts';
import { asked, type CodeText, shownCode } from './claim-code.ts';
import type { CodeSeal } from './claim-service.ts';
import type { ClaimCodeRepository } from './ownership-repository.ts';

/** A vehicle asks for a code to show. */
export const claimCodeRequestSchema = z.object({ requestId: z.string().check(z.minLength(1), z.maxLength(64)) });

/** The way to the screen of one vehicle. */
export interface ClaimCodeChannel {
  /** @param lifetime ms after which the message is worth nothing */
  send(vehicleId: VehicleId, answer: ClaimCodeAnswer, lifetime: number): Promise<void>;
}

export interface CodePorts {
  readonly vehicles: Pick<VehicleRepository, 'load'>;
  readonly codes: ClaimCodeRepository;
  readonly seal: CodeSeal;
  readonly channel: ClaimCodeChannel;
  readonly clock: Clock;
  readonly newCode: () => CodeText;
}

export type CodeResult = 'shown' | 'answered-before' | 'too-often' | 'not-active' | 'unknown-vehicle';

/** How long a vehicle has use for the news that it asked too often. */
const newsLifetime = 60_000;

/** Makes the codes that vehicles show. The code itself is nowhere but in the message to the vehicle. */
export class CodeService {
  readonly #ports: CodePorts;

  constructor(ports: CodePorts) {
    this.#ports = ports;
  }

  async ask(vehicleId: VehicleId, requestId: string): Promise<CodeResult> {
    const vehicle = await this.#ports.vehicles.load(vehicleId);
    if (vehicle === undefined) return 'unknown-vehicle';
    if (vehicle.lifeCycle.status !== 'active') return 'not-active';
    return untilSaved(() => this.#answer(vehicleId, requestId));
  }

  async #answer(vehicleId: VehicleId, requestId: string): Promise<CodeResult | undefined> {
    const { codes, seal, channel, clock, newCode } = this.#ports;
    const seen = await codes.load(vehicleId);
    const now = clock.now();
    const decision = asked(seen, { vehicleId, requestId }, now);
    if (decision.kind === 'answered') return 'answered-before';
    if (decision.kind === 'refuse') {
      const { reason, retryAt } = decision;
      await channel.send(vehicleId, { kind: 'refused', requestId, reason, retryAt }, newsLifetime);
      return 'too-often';
    }
    const code = newCode();
    const { next } = decision;
    if (!(await codes.replace({ ...next, ...(await seal.seal(vehicleId, code)) }, seen))) return undefined;
    const { revision, validUntil } = next;
    const answer = { requestId, revision, code: shownCode(code), expiresAt: validUntil };
    await channel.send(vehicleId, { kind: 'code', ...answer }, validUntil - now);
    // A message that comes again after this is a duplicate; one that comes because this failed gets another code.
    await codes.markPublished(next);
    return 'shown';
  }
}
