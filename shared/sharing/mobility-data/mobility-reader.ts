import type { Instant } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { SystemId } from '../sharing-id.ts';
import type { CityRecord } from './mobility-book.ts';
import type { Device, ToldEvent } from './told-event.ts';

/** What is kept for cities, as it is read. What was written a moment ago may be missing. */
export interface MobilityReader {
  city(systemId: SystemId): Promise<CityRecord | undefined>;
  device(systemId: SystemId, vehicleId: string): Promise<Device | undefined>;
  /** By the id that the city knows. */
  deviceOf(systemId: SystemId, deviceId: string): Promise<Device | undefined>;
  devices(systemId: SystemId, page: PageRequest): Promise<Page<Device>>;
  /** In the order of their times, from all of the city. */
  events(systemId: SystemId, span: Span): Promise<readonly PlacedEvent[]>;
}

/** Within one hour. */
export interface Span {
  /** The hour's first instant. */
  readonly hour: Instant;
  /** From here on, in the words of `PlacedEvent.moment`; absent: all of the hour. */
  readonly from?: string;
  /** Before this instant. */
  readonly to: Instant;
  /** At most; absent: all. */
  readonly limit?: number;
}

export interface PlacedEvent {
  readonly told: ToldEvent;
  /** Its place in the order: no two of a city have the same. */
  readonly moment: string;
}

/** 13 digits hold any instant until 2286. */
export function momentOf(at: Instant, deviceId = ''): string {
  return `${String(at).padStart(13, '0')}#${deviceId}`;
}

/** Behind this one, before the next. */
export function behind(moment: string): string {
  return `${moment}~`;
}

export function instantOf(moment: string): Instant | undefined {
  return /^\d{13}#[0-9a-f-]{0,36}~?$/.test(moment) ? Number(moment.slice(0, 13)) : undefined;
}
