import type { Identity } from '../certification.ts';
import type { Dialect } from '../dialect.ts';
import type { Transport } from '../transport.ts';

/** The device clouds that a vehicle can speak with: where it is introduced, and those it may be sent to. */
export class Clouds {
  readonly first: Transport;
  private readonly all: readonly Transport[];

  constructor(first: Transport, elsewhere: readonly Transport[]) {
    this.first = first;
    this.all = [first, ...elsewhere];
  }

  /** Whether the vehicle can be anywhere but where it was introduced. */
  get areSeveral(): boolean {
    return this.all.length > 1;
  }

  /** Undefined where nobody on board speaks so. */
  dialect(name: string): Dialect | undefined {
    return this.all.find(({ dialect }) => dialect.name === name)?.dialect;
  }

  /** Over which the vehicle is this one; undefined where nobody on board speaks so. */
  of(identity: Identity | undefined): Transport | undefined {
    const { home } = identity ?? {};
    return home === undefined ? this.first : this.all.find(({ dialect }) => dialect.name === home.dialect);
  }
}
