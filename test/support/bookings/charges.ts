import type { Finding, Rule } from './finding.ts';
import type { Entry, History } from './history.ts';
import { groups, type Use } from './uses.ts';

/** Who used a car pays its bill, once: what was taken, less what was given back, and what is owed, are the bill. */
export function chargeFindings({ head, operations, entries }: History, uses: ReadonlyMap<string, Use>): Finding[] {
  const used = new Set(
    operations.flatMap(({ operation, outcome, reservation }) => {
      return operation === 'start' && outcome !== 'refused' && reservation !== undefined ? [reservation] : [];
    }),
  );
  const ended = operations.filter(({ operation, outcome }) => operation === 'end' && outcome === 'done');
  const books = groups(entries, ({ reservation }) => reservation);
  const unbilled = ended.filter(({ reservation = '' }) => {
    return head.settled && used.has(reservation) && !books.get(reservation)?.some(({ what }) => what === 'billed');
  });
  return [
    ...unbilled.map(({ id, reservation }): Finding => {
      return { rule: 'charge-lost', text: `${reservation} has ended, and there is no bill.`, operations: [id] };
    }),
    ...[...books].flatMap(([reservation, its]) => bookFindings(reservation, its, uses, used, head.settled)),
  ];
}

function bookFindings(
  reservation: string,
  told: readonly Entry[],
  uses: ReadonlyMap<string, Use>,
  used: ReadonlySet<string>,
  settled: boolean,
): Finding[] {
  const entries = [...new Map(told.map((one) => [one.id, one])).values()];
  const sum = (...whats: readonly Entry['what'][]) =>
    entries.filter(({ what }) => whats.includes(what)).reduce((total, { amount }) => total + amount, 0);
  const count = (kind: Entry['what']) => entries.filter(({ what }) => what === kind).length;
  const found = (rule: Rule, text: string): Finding => {
    return {
      rule,
      text: `${reservation}: ${text}`,
      operations: (uses.get(reservation)?.attempts ?? []).map(({ id }) => id),
    };
  };
  const altered = told.find((one) => entries.some(({ id, ...rest }) => id === one.id && rest.amount !== one.amount));
  if (altered !== undefined) return [found('charge-doubled', `the entry ${altered.id} has two amounts.`)];
  const again = (['billed', 'authorized', 'captured'] as const).filter((kind) => count(kind) > 1);
  if (again.length > 0) return again.map((kind) => found('charge-doubled', `it was ${kind} twice.`));
  const [bill, taken, owed] = [sum('billed'), sum('captured', 'collected') - sum('refunded'), sum('owed')];
  if (bill + taken + owed === 0) return [];
  if (!uses.has(reservation)) return [found('charge-unfounded', 'nobody held it.')];
  if (!used.has(reservation) && bill > 0) return [found('charge-unfounded', `${bill} for a use that never began.`)];
  if (taken + owed > bill) return [found('charge-doubled', `${taken} taken and ${owed} owed for a bill of ${bill}.`)];
  const isShort = settled && taken + owed < bill;
  return isShort ? [found('charge-lost', `${taken} taken and ${owed} owed for a bill of ${bill}.`)] : [];
}
