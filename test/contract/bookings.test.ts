import { describe } from 'vitest';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { memoryBookings } from '../support/memory-bookings.ts';
import { bookingRepositoryContract } from './booking-repository.ts';
import { onEachEngine } from './on-each-engine.ts';

describe('bookings in memory', () => bookingRepositoryContract(async () => memoryBookings()));

onEachEngine((table) => {
  describe('bookings', () => {
    bookingRepositoryContract(async () => new DynamoBookingRepository(...(await table())));
  });
});
