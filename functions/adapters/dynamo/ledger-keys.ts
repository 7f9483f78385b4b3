import { fineName } from '#shared/sharing/ledger/charge-repository.ts';
import { type LineKey, monthOf } from '#shared/sharing/ledger/ledger-line.ts';
import type { ChargeId, OperatorId } from '#shared/sharing/sharing-id.ts';

/** The one author of the Ledger table's keys. */
export const ledgerKeys = {
  month: (operatorId: OperatorId, month: string) => `month#${operatorId}#${month}`,
  line: ({ operatorId, day, kind, payable, part }: LineKey) => ({
    pk: ledgerKeys.month(operatorId, monthOf(day)),
    sk: `${ledgerPrefixes.line}${day}#${kind}#${payable}#${part}`,
  }),
  sums: (operatorId: OperatorId, day: string, currency: string) => ({
    pk: ledgerKeys.month(operatorId, monthOf(day)),
    sk: `${ledgerPrefixes.sums}${day}#${currency}`,
  }),
  range: (operatorId: OperatorId, year: number) => ({ pk: `numbers#${operatorId}`, sk: String(year) }),
  document: (operatorId: OperatorId, year: number, sequence: number) => ({
    pk: `documents#${operatorId}#${year}`,
    sk: String(sequence).padStart(12, '0'),
  }),
  /** What is a person's with one operator. */
  person: (operatorId: string, personId: string) => `person#${operatorId}#${personId}`,
  documentLine: (operatorId: OperatorId, personId: string, year: number, sequence: number) => ({
    pk: ledgerKeys.person(operatorId, personId),
    sk: `${ledgerPrefixes.document}${year}#${String(sequence).padStart(12, '0')}`,
  }),
  personLine: (
    operatorId: OperatorId,
    personId: string,
    { day, kind, payable, part }: Omit<LineKey, 'operatorId'>,
  ) => ({
    pk: ledgerKeys.person(operatorId, personId),
    sk: `${ledgerPrefixes.line}${day}#${kind}#${payable}#${part}`,
  }),
  recipient: (operatorId: OperatorId, personId: string) => ({
    pk: ledgerKeys.person(operatorId, personId),
    sk: 'recipient',
  }),
  charge: (chargeId: ChargeId) => ({ pk: `charge#${chargeId}`, sk: 'charge' }),
  chargeLine: (operatorId: OperatorId, personId: string, chargeId: ChargeId) => ({
    pk: ledgerKeys.person(operatorId, personId),
    sk: `${ledgerPrefixes.charge}${chargeId}`,
  }),
  charges: (operatorId: OperatorId) => `charges#${operatorId}`,
  chargeEntry: (operatorId: OperatorId, chargeId: ChargeId) => ({
    pk: ledgerKeys.charges(operatorId),
    sk: `${ledgerPrefixes.charge}${chargeId}`,
  }),
  fine: (operatorId: OperatorId, authority: string, reference: string) => ({
    pk: `fines#${operatorId}`,
    sk: fineName(authority, reference),
  }),
  business: (operatorId: OperatorId, businessId: string) => ({
    pk: ledgerKeys.businessPartition(operatorId, businessId),
    sk: 'business',
  }),
  businessPartition: (operatorId: OperatorId, businessId: string) => `business#${operatorId}#${businessId}`,
  businesses: (operatorId: OperatorId) => `businesses#${operatorId}`,
  businessLine: (operatorId: OperatorId, businessId: string) => ({
    pk: ledgerKeys.businesses(operatorId),
    sk: businessId,
  }),
  member: (operatorId: OperatorId, businessId: string, personId: string) => ({
    pk: ledgerKeys.businessPartition(operatorId, businessId),
    sk: `${ledgerPrefixes.member}${personId}`,
  }),
  membership: (operatorId: OperatorId, businessId: string, personId: string) => ({
    pk: ledgerKeys.person(operatorId, personId),
    sk: `${ledgerPrefixes.member}${businessId}`,
  }),
  invitation: (operatorId: OperatorId, codeHash: string) => ({
    pk: `invitation#${operatorId}#${codeHash}`,
    sk: 'invitation',
  }),
  businessMonth: (operatorId: OperatorId, businessId: string, month: string) => ({
    pk: ledgerKeys.businessPartition(operatorId, businessId),
    sk: `${ledgerPrefixes.month}${month}`,
  }),
  entry: (
    operatorId: OperatorId,
    businessId: string,
    { month, day, payable, kind, part }: Pick<LineKey, 'day' | 'payable' | 'kind' | 'part'> & { month: string },
  ) => ({
    pk: ledgerKeys.businessPartition(operatorId, businessId),
    sk: `${ledgerKeys.entriesOf(month)}${day}#${payable}#${kind}#${part}`,
  }),
  entriesOf: (month: string) => `entry#${month}#`,
};

export const ledgerPrefixes = {
  ...{ line: 'line#', sums: 'sums#', document: 'document#', charge: 'charge#', member: 'member#' },
  month: 'month#',
} as const;
