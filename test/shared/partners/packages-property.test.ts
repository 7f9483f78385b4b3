import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import type { PackageStatus } from '#shared/partners/tomp/package.ts';
import { anOperationId } from '../../contract/samples.ts';
import { aPartner, aTraveller, caller, PartnerTown, systemId } from '../../support/partner-town.ts';

const clients = ['one', 'two'] as const;
const steps = [
  ...(['offer', 'buy', 'buy-again', 'confirm', 'extend', 'rollback', 'release', 'cancel', 'settle'] as const),
  ...(['start', 'pause', 'resume', 'end', 'drive', 'drive', 'park', 'continue', 'return', 'return'] as const),
  ...(['wait', 'long', 'expire', 'rest', 'force', 'refund'] as const),
  // What is most of life.
  ...(['board', 'reserve', 'reserve', 'reserve', 'confirm', 'rest'] as const),
] as const;

const happening = fc.record({ step: fc.constantFrom(...steps), who: fc.nat(1), which: fc.nat(6), much: fc.nat(14) });
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** No package comes back to where it was before. */
const rank: Readonly<Record<PackageStatus, number>> = {
  ...{ OFFERED: 0, PENDING: 1, CONFIRMED: 2, STARTED: 3, ENDED: 4, SETTLED: 5 },
  ...{ EXPIRED: 6, RELEASED: 6, ROLLBACK: 6, CANCELLED: 6 },
};

class Play {
  readonly city = new PartnerTown(clients.map((client) => aPartner(client, { creditLimit: 20_000 })));
  readonly #offers: { client: string; offer: string; traveller: string }[] = [];
  readonly #seen = new Map<string, PackageStatus>();
  #drive: { reservationId: string; fence: number; paused: boolean } | undefined;

  async happen({ step, who, which, much }: Happening): Promise<void> {
    const client = clients[who] ?? 'one';
    const { service, scene } = this.city;
    const mine = this.city.packages.all.filter((pack) => pack.clientId === client);
    const packageId = mine[which % Math.max(1, mine.length)]?.packageId ?? 'pkg-none';
    switch (step) {
      case 'offer':
        this.#offers.push({ client, offer: await this.city.offered(client), traveller: `t${which % 2}` });
        return;
      case 'buy':
      case 'buy-again': {
        const bought = this.#offers[which % Math.max(1, this.#offers.length)];
        if (bought !== undefined) await this.city.buy(client, bought.offer, aTraveller(bought.traveller));
        return;
      }
      case 'reserve':
        await this.city.bought(client, aTraveller(`t${which % 2}`));
        return;
      case 'board': {
        const { pack } = await this.city.bought(client, aTraveller(`t${which % 2}`));
        await service.confirm(caller(client), systemId, pack.packageId);
        await this.city.leg(client, 'start', pack.packageId);
        return this.#drives();
      }
      case 'confirm':
        await service.confirm(caller(client), systemId, packageId);
        return;
      case 'extend':
        await service.extend(caller(client), systemId, packageId, anOperationId());
        return;
      case 'rollback':
      case 'release':
      case 'cancel': {
        const process = (
          { rollback: 'rollback-purchase', release: 'release-package', cancel: 'cancel-package' } as const
        )[step];
        await service.giveBack(caller(client), systemId, packageId, process);
        return;
      }
      case 'settle':
        await service.settle(caller(client), systemId, packageId);
        return;
      case 'start':
      case 'pause':
      case 'resume':
      case 'end':
        await this.city.leg(client, step, packageId);
        return;
      case 'drive':
        return this.#drives();
      case 'park':
      case 'continue':
        if (this.#drive === undefined || this.#drive.paused === (step === 'park')) return;
        this.#drive.paused = step === 'park';
        return this.#says(step === 'park' ? 'paused' : 'resumed');
      case 'return':
        if (this.#drive === undefined) return;
        await this.#says('ended');
        this.#drive = undefined;
        return;
      case 'wait':
        return this.city.wait(much);
      case 'long':
        return this.city.wait(20);
      case 'expire':
        await scene.bookings.expire(scene.vehicleId);
        return;
      case 'rest':
        return this.city.rest();
      case 'force':
        // Nobody takes back what is driven here: that is for the property of charges.
        if (this.#drive === undefined) await scene.bookings.forceEnd(scene.vehicleId);
        return;
      case 'refund': {
        const { items } = await scene.trips.ofVehicle(scene.vehicleId, { limit: 20 });
        const trip = items[which % Math.max(1, items.length)];
        const by = { caller: caller('office'), reason: 'agreed' };
        if (trip !== undefined) await scene.desk.refund(trip, by, 1 + much, `refund-${much}`);
        return;
      }
    }
  }

  /** The operator opens it for whoever asked, as long as it is theirs. */
  async #drives(): Promise<void> {
    if (this.#drive !== undefined) return;
    const { fence, assignment } = await this.city.scene.vehicle();
    const asked = this.city.packages.all.find((pack) => pack.reservationId === assignment?.reservationId)?.asked;
    if (assignment === undefined || asked === undefined) return;
    if (assignment.startedAt !== undefined || assignment.expiresAt <= this.city.scene.clock.now()) return;
    this.#drive = { reservationId: assignment.reservationId, fence, paused: false };
    await this.#says('started');
  }

  async #says(kind: 'started' | 'paused' | 'resumed' | 'ended'): Promise<void> {
    if (this.#drive === undefined) return;
    const { scene, log } = this.city;
    log.drive(700);
    await scene.logs.record(scene.vehicleId, [log.line(this.#drive, kind, scene.clock.now())]);
  }

  /** After each step: the vehicle is with one at the most, and nothing goes back. */
  async judge(): Promise<void> {
    const reads = await Promise.all(this.city.packages.all.map((pack) => this.city.reader.read(pack)));
    const having = reads.filter(({ standing }) => ['PENDING', 'CONFIRMED', 'STARTED'].includes(standing.status));
    const withIt = having.filter(
      ({ use }) => use.kind === 'held' || (use.kind === 'driven' && this.#drive !== undefined),
    );
    ok(withIt.length <= 1, `${withIt.length} have the vehicle`);
    for (const { pack, standing, use } of reads) {
      // Between the booking and the trip: what was told last.
      if (use.kind === 'unknown') continue;
      const before = this.#seen.get(pack.packageId) ?? 'PENDING';
      ok(rank[standing.status] >= rank[before] || use.kind === 'driven', `${before} became ${standing.status}`);
      if (rank[before] === 6 && use.kind !== 'driven' && use.kind !== 'ended') equal(standing.status, before);
      this.#seen.set(pack.packageId, standing.status);
      ok(pack.extensions <= 2);
    }
  }

  /** In the end the money of each client is the money of its trips, once. */
  async account(): Promise<void> {
    if (this.#drive !== undefined) await this.#says('ended');
    this.#drive = undefined;
    this.city.wait(60);
    for (let round = 0; round < 3; round++) {
      await this.city.scene.bookings.expire(this.city.scene.vehicleId);
      await this.city.rest();
    }
    for (const account of this.city.accounts.all) {
      const its = this.city.packages.all.filter(({ clientId }) => clientId === account.clientId);
      const reads = await Promise.all(its.map((pack) => this.city.reader.read(pack)));
      const entries = this.city.accounts.entriesOf(account);
      let owed = 0;
      for (const { pack, standing, trip } of reads) {
        const ofIt = entries.filter(({ reservationId }) => reservationId === pack.reservationId);
        const refunded = (trip?.refunds ?? []).filter(({ status }) => status === 'refunded');
        const cost = trip?.bill?.total ?? 0;
        owed += cost - refunded.reduce((sum, { amount }) => sum + amount, 0);
        deepEqual(
          ofIt.filter(({ kind }) => kind === 'fare').map(({ amount }) => amount),
          cost === 0 ? [] : [cost],
        );
        equal(ofIt.filter(({ kind }) => kind === 'refund').length, refunded.length);
        if (['EXPIRED', 'RELEASED', 'ROLLBACK', 'CANCELLED'].includes(standing.status)) equal(cost, 0);
        equal(pack.told.status, standing.status);
      }
      equal(account.owed, owed);
      deepEqual(account.aside, {});
    }
  }
}

test('whatever partners ask, in whichever order and however often: no double booking, and money once', async () => {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 20, maxLength: 60, size: 'max' }), async (happenings) => {
      const play = new Play();
      await play.city.open();
      for (const one of happenings) {
        // What is refused has done nothing.
        await play.happen(one).catch((error: unknown) => {
          if (!(error instanceof Error && 'code' in error)) throw error;
        });
        await play.judge();
      }
      await play.account();
      for (const { told } of play.city.packages.all) outcomes.set(told.status, (outcomes.get(told.status) ?? 0) + 1);
    }),
    { numRuns: 60 },
  );
  // It has come to whatever packages come to.
  const came = (...statuses: readonly PackageStatus[]) => statuses.some((status) => outcomes.has(status));
  ok(came('ENDED') && came('EXPIRED') && came('RELEASED', 'ROLLBACK', 'CANCELLED'), [...outcomes].join(' '));
});
