import type { EventPattern } from './event-pattern.ts';
import type { Schedule } from './schedule.ts';

/** An event as rules and targets see it (EventBridge user guide, "Event structure"). */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface Target {
  readonly id: string;
  readonly arn: string;
  /** What the target gets of the event. */
  readonly input: (event: BusEvent) => unknown;
  readonly deadLetterArn: string | undefined;
  readonly maximumRetries: number;
  readonly maximumAgeSeconds: number;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly pattern: EventPattern | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly Target[];
}
