import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { type CircuitState, circuitState, type Misconduct } from './circuit.ts';
import type { ClientBrandsRepository } from './client-brands-repository.ts';
import { filled, type Quota } from './quota.ts';
import { freshStanding, readmitted, type Standing } from './standing.ts';
import type { StandingRepository } from './standing-repository.ts';

export interface StandingPorts {
  readonly standings: StandingRepository;
  readonly brands: ClientBrandsRepository;
  readonly clock: Clock;
  /** Of a client for which nothing else is written down. */
  readonly quota: Quota;
}

/** How a client stands with the platform, as an operator sees it. */
export interface ClientStanding {
  readonly clientId: string;
  readonly quota: Quota;
  /** Tokens in the shared bucket; what instances hold in their hands comes on top. */
  readonly remaining: number;
  readonly conduct: Standing['conduct'];
  readonly state: CircuitState;
  readonly shutOut?: {
    readonly reason: Misconduct;
    readonly since: number;
    readonly until: number;
    readonly times: number;
  };
}

/** What operators see of clients and do about them. */
export class StandingService {
  readonly #ports: StandingPorts;

  constructor(ports: StandingPorts) {
    this.#ports = ports;
  }

  async of(clientId: string): Promise<ClientStanding> {
    const { standings, clock } = this.#ports;
    const [own, known] = await Promise.all([standings.quota(clientId), standings.load(clientId)]);
    if (own === undefined && known === undefined) await this.#requireKnown(clientId);
    const quota = own ?? this.#ports.quota;
    return view(clientId, quota, known ?? freshStanding(quota, clock.now()), clock.now());
  }

  /** Other instances notice within seconds. Whoever is not shut out is none the worse for it. */
  async readmit(clientId: string): Promise<ClientStanding> {
    const { standings, clock } = this.#ports;
    await untilSaved(async () => {
      const known = await standings.load(clientId);
      if (known === undefined) return true;
      return (await standings.save(clientId, readmitted(known, clock.now()), known)) || undefined;
    });
    return this.of(clientId);
  }

  async #requireKnown(clientId: string): Promise<void> {
    if ((await this.#ports.brands.load(clientId)).length > 0) return;
    throw new Failure('not-found', 'client-not-found', 'No client of this id was ever let in or seen.');
  }
}

function view(clientId: string, quota: Quota, standing: Standing, now: number): ClientStanding {
  const { conduct, circuit } = standing;
  const remaining = Math.floor(filled(standing.bucket, quota, now).tokens);
  const state = circuitState(circuit, now);
  const known = { clientId, quota, remaining, conduct, state };
  if (circuit === undefined) return known;
  const { reason, openedAt: since, until, times } = circuit;
  return { ...known, shutOut: { reason, since, until, times } };
}
