import { setTimeout } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PartnerCharges } from '#shared/partners/partner-charges.ts';
import { PartnerPayments } from '#shared/partners/partner-payments.ts';
import type { Payments } from '#shared/sharing/payments/payments.ts';
import { type PaymentBooks, SandboxPayments } from '#shared/sharing/payments/sandbox-payments.ts';
import { DynamoPartnerAccounts } from '../adapters/dynamo/partner-accounts.ts';
import { DynamoPaymentBooks } from '../adapters/dynamo/sandbox-payments.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wirePaymentBooks(client: DynamoDBDocumentClient): PaymentBooks {
  return new DynamoPaymentBooks(client, setting('TRIPS_TABLE'));
}

/** What partners are charged beside the trips of their customers. */
export function wirePartnerCharges(client: DynamoDBDocumentClient): PartnerCharges {
  const books = wirePaymentBooks(client);
  return new PartnerCharges({ books, accounts: new DynamoPartnerAccounts(client, setting('PARTNERS_TABLE')) });
}

/** The one place that knows the payment provider: another takes the sandbox's place here (docs/decisions/payments.md). */
export function wirePayments(client: DynamoDBDocumentClient): Payments {
  const books = wirePaymentBooks(client);
  const persons = new SandboxPayments({ books, clock, pause: (ms) => setTimeout(ms) });
  return new PartnerPayments({
    ...{ persons, books, accounts: new DynamoPartnerAccounts(client, setting('PARTNERS_TABLE')) },
    setup: new DynamoSharingSetup(client, setting('SHARING_TABLE')),
  });
}
