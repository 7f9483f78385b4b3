import type { Clock } from '#shared/kernel/clock.ts';

export const systemClock: Clock = { now: () => Date.now() };
