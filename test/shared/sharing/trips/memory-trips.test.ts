import { describe } from 'vitest';
import { paymentBooksContract, tripLogContract, tripRepositoryContract } from '../../../contract/trip-repositories.ts';
import { MemoryPaymentBooks, MemoryTripLog, MemoryTrips } from '../../../support/memory-trips.ts';

describe('trips in memory', () => {
  tripRepositoryContract(async () => new MemoryTrips());
  tripLogContract(async () => new MemoryTripLog());
  paymentBooksContract(async () => new MemoryPaymentBooks());
});
