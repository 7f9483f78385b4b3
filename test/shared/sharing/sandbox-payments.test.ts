import { beforeEach, describe, expect, test } from 'vitest';
import { balance } from '#shared/sharing/payments/payment-book.ts';
import { SandboxPayments } from '#shared/sharing/payments/sandbox-payments.ts';
import { reservationIdOf } from '#shared/sharing/sharing-id.ts';
import { anOperationId } from '../../contract/samples.ts';
import { MemoryPaymentBooks } from '../../support/memory-trips.ts';

let books: MemoryPaymentBooks;
let payments: SandboxPayments;
let pauses: number[];
const reservationId = reservationIdOf(anOperationId(), 1_000);

beforeEach(() => {
  [books, pauses] = [new MemoryPaymentBooks(), []];
  const pause = async (ms: number) => void pauses.push(ms);
  payments = new SandboxPayments({ books, clock: { now: () => 1_000 }, pause });
});

const authorize = (method = 'sandbox-card', amount = 500) => payments.authorize(reservationId, amount, 'EUR', method);
const collect = (id: string, method = 'sandbox-card') => payments.collect(reservationId, 300, 'EUR', method, id);
const held = async () => {
  const book = await books.load(reservationId);
  return book === undefined ? 0 : balance(book);
};

describe('the sandbox', () => {
  test('sets aside once a reservation, whatever else is asked, and never after a release', async () => {
    for (const amount of [500, 900]) expect(await authorize('sandbox-card', amount)).toEqual({ kind: 'authorized' });
    expect((await books.load(reservationId))?.entries).toHaveLength(1);
    await payments.release(reservationId);
    expect(await authorize()).toEqual({ kind: 'declined', reason: 'released' });
    expect(await payments.capture(reservationId, 5)).toEqual({ kind: 'failed', reason: 'released', captured: 0 });
  });

  test('takes once: the first outcome stands, also of a failure', async () => {
    expect(await payments.capture(reservationId, 5)).toMatchObject({ kind: 'failed', reason: 'not-authorized' });
    await authorize();
    expect(await payments.capture(reservationId, 5)).toMatchObject({ reason: 'not-authorized' });
    expect(await held()).toBe(0);
  });

  test('gives whoever asks again, and all who ask at once, the same answer', async () => {
    await Promise.all(Array.from({ length: 5 }, () => authorize()));
    const answers = await Promise.all(Array.from({ length: 5 }, () => payments.capture(reservationId, 400)));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['captured']));
    expect(await held()).toBe(400);
  });

  test('lets one payment of a debt succeed, whatever its name', async () => {
    expect(await collect('one', 'sandbox-declined')).toEqual({ kind: 'declined', reason: 'card-declined' });
    expect(await collect('one')).toMatchObject({ kind: 'declined' });
    for (const id of ['two', 'two', 'three']) expect(await collect(id)).toEqual({ kind: 'collected' });
    expect(await held()).toBe(300);
  });

  test('gives back no more than it took, and each refund once', async () => {
    await authorize();
    await payments.capture(reservationId, 400);
    const refund = (id: string, amount: number) => payments.refund(reservationId, amount, id);
    for (const id of ['a', 'a']) expect(await refund(id, 300)).toEqual({ kind: 'refunded' });
    expect(await refund('b', 101)).toEqual({ kind: 'refused', reason: 'more-than-taken' });
    expect(await refund('c', 100)).toEqual({ kind: 'refunded' });
    expect(await held()).toBe(0);
  });

  test.each([
    ['sandbox-declined', 'card-declined'],
    ['sandbox-unknown', 'unknown-payment-method'],
    ['sandbox-funds-499', 'insufficient-funds'],
  ])('declines %s', async (method, reason) => {
    expect(await authorize(method)).toEqual({ kind: 'declined', reason });
    expect(await authorize()).toEqual({ kind: 'authorized' });
  });

  test.each([
    ['sandbox-authorization-expires', 'authorization-expired', 0, 'collected'],
    ['sandbox-capture-fails', 'card-declined', 0, 'declined'],
    ['sandbox-funds-600', 'insufficient-funds', 500, 'collected'],
  ])('authorizes %s, which fails later', async (method, reason, captured, debt) => {
    expect(await authorize(method)).toEqual({ kind: 'authorized' });
    expect(await payments.capture(reservationId, 700)).toEqual({ kind: 'failed', reason, captured });
    expect((await collect('debt', method)).kind).toBe(debt);
  });

  test('loses an answer to each call, once, and takes its time where that is asked for', async () => {
    await expect(authorize('sandbox-answers-lost')).rejects.toMatchObject({ code: 'payment-unavailable' });
    expect(await authorize('sandbox-answers-lost')).toEqual({ kind: 'authorized' });
    await expect(payments.capture(reservationId, 5)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await payments.capture(reservationId, 5)).toEqual({ kind: 'captured' });
    expect(await held()).toBe(5);
    expect(pauses).toEqual([]);
    await payments.authorize(reservationIdOf(anOperationId(), 2_000), 5, 'EUR', 'sandbox-slow');
    expect(pauses).toEqual([1_500]);
  });
});
