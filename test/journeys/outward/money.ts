import { expect, test } from 'vitest';
import { at, eventually, problem } from '#local/tour/telling.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { sampleOperator } from '../../support/sharing-city.ts';

const { operatorId } = sampleOperator;
const mine = `/v1/me/sharing/${operatorId}`;
const theirs = `/v1/sharing/operators/${operatorId}`;

/** What a ride leaves in the books, and what is charged after it. */
export function money(town: () => OutwardTown): void {
  test('a ride has one invoice; cleaning is charged, disputed and halved; a fine finds the rider; the accountant finds nothing', async () => {
    const { ada, operator } = town();
    const bike = town().bike(1);
    const trip = await town().rides(ada, bike);
    const [reservationId, total] = [at(trip, 'reservationId'), Number(at(trip, 'total'))];
    const invoice = await eventually(
      'an invoice that nobody asked for',
      async () => (await ada.person.get(`${mine}/invoices`)).body,
      (body) => at(body, 'items', 0, 'about') === reservationId,
    );
    expect(at(invoice, 'items', 0)).toMatchObject({
      kind: 'invoice',
      gross: total,
      issuer: { legalName: 'We Share GmbH' },
    });
    const asked = await ada.person.post(`${mine}/trips/${reservationId}/invoice`, undefined);
    expect(at(asked.body, 'number')).toBe(at(invoice, 'items', 0, 'number'));
    const personId = at((await ada.person.get('/v1/me')).body, 'personId');
    const order = { personId, reservationId, kind: 'cleaning', amount: 2_000, currency: 'EUR', reason: 'case 4711' };
    const charge = await operator.post(`${theirs}/charges`, order, { 'idempotency-key': 'cleaning-1' });
    expect(charge.body).toMatchObject({ payment: { status: 'paid', taken: 2_000 } });
    const chargeId = at(charge.body, 'chargeId');
    await ada.person.post(`${mine}/charges/${chargeId}/dispute`, { text: 'It was like that before.' });
    const half = { decision: 'reduce', amount: 1_000, reason: 'case 4711' };
    const decided = await operator.post(`${theirs}/charges/${chargeId}/decision`, half, {
      'idempotency-key': 'half-1',
    });
    expect(decided.body).toMatchObject({ dispute: { decision: { kind: 'reduce' } }, reductions: [{ status: 'done' }] });
    const fine = {
      vehicleId: bike,
      authority: 'Berlin',
      amount: 1_500,
      currency: 'EUR',
      kind: 'fine',
      reason: 'parking',
    };
    const notice = (body: object, key: string) =>
      operator.post(`${theirs}/fines`, { ...fine, ...body }, { 'idempotency-key': key });
    const found = await notice({ at: at(trip, 'endedAt'), reference: 'AZ 1' }, 'fine-1');
    expect([found.status, found.body]).toMatchObject([201, { personId, reservationId, amount: 3_000 }]);
    expect((await notice({ at: at(trip, 'endedAt'), reference: 'az1' }, 'fine-2')).status).toBe(200);
    const nobody = await notice({ at: '2026-01-01T12:00:00Z', reference: 'AZ 2' }, 'fine-3');
    expect(problem(nobody)).toBe('no-trip-then');
    const month = String(at(invoice, 'items', 0, 'issuedOn')).slice(0, 7);
    const { body } = await town().client('accountant').get(`${theirs}/accounts/${month}`);
    expect(at(body, 'currencies', 0, 'differences')).toEqual([]);
    // Other chapters charge, too.
    expect(Number(at(body, 'currencies', 0, 'total', 'charges'))).toBeGreaterThanOrEqual(2);
    expect(Number(at(body, 'currencies', 0, 'total', 'creditNotes'))).toBeGreaterThanOrEqual(1);
  });
}
