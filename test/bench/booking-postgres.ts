import { fileURLToPath } from 'node:url';
import { percentile } from './figure.ts';
import { PostgresServer, postgresPrograms } from './postgres-server.ts';

export const clients = 16;
/** Of each client. */
const holdsEach = 1_000;
const racesEach = 1_000;
const warmUpEach = 150;
/** Cars that everybody wants (test/bench/booking-postgres-race.sql). */
const wanted = { from: 199_951, to: 200_000 };

export interface BookingCost {
  /** A second. */
  readonly rate: number;
  /** ms */
  readonly median: number;
  readonly p99: number;
  /** CPU ms of whoever decides. */
  readonly cpu: number;
  readonly count: number;
}

export interface PostgresBooking {
  readonly version: string;
  readonly holds: BookingCost;
  /** Conflicts, every one of them refused. */
  readonly races: BookingCost;
}

/** The same booking rule in PostgreSQL with exclusion constraints; undefined, with a message, where there is none. */
export async function postgresBooking(): Promise<PostgresBooking | undefined> {
  const programs = postgresPrograms();
  if (programs === undefined) {
    process.stderr.write('PostgreSQL 15 is not installed (apt-get install postgresql): bookings are not compared\n');
    return undefined;
  }
  const server = await PostgresServer.start(programs);
  try {
    await server.file(scriptAt('booking-postgres.sql'));
    await server.file(scriptAt('booking-postgres-proof.sql'));
    await server.bench(scriptAt('booking-postgres-hold.sql'), load(warmUpEach, 0));
    const holds = await measured(server, 'booking-postgres-hold.sql', load(holdsEach, warmUpEach));
    await expectReservations(server, clients * (warmUpEach + holdsEach));
    const taken = `SELECT count(hold(car, 399000 + car - ${wanted.from}, 'wanted', 'print', now(), 15))`;
    await server.sql(`${taken} FROM generate_series(${wanted.from}, ${wanted.to}) car`);
    const races = await measured(server, 'booking-postgres-race.sql', load(racesEach, 0));
    await expectReservations(server, clients * (warmUpEach + holdsEach) + wanted.to - wanted.from + 1);
    return { version: server.version, holds, races };
  } finally {
    await server.stop();
  }
}

function load(times: number, after: number) {
  return { clients, times, variables: { clients, n: after } };
}

async function measured(
  server: PostgresServer,
  script: string,
  load_: Parameters<PostgresServer['bench']>[1],
): Promise<BookingCost> {
  const before = server.cpu();
  const { latencies, rate } = await server.bench(scriptAt(script), load_);
  return costOf(latencies, rate, server.cpu() - before);
}

/** @param cpu s of all of them */
export function costOf(latencies: readonly number[], rate: number, cpu: number): BookingCost {
  const count = latencies.length;
  return {
    rate,
    median: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu: (1000 * cpu) / count,
    count,
  };
}

async function expectReservations(server: PostgresServer, expected: number): Promise<void> {
  const [count] = await server.sql('SELECT count(*) FROM reservation');
  if (Number(count) !== expected) throw new Error(`PostgreSQL has ${count} reservations instead of ${expected}`);
}

function scriptAt(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
