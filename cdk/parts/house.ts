import type { Settings } from '../settings.ts';
import type { Alarms } from './alarms.ts';

/** What every house construct is built with. */
export interface House {
  readonly settings: Settings;
  readonly alarms: Alarms;
  /** Where `bundle()` left one folder a function. */
  readonly functionsDirectory: string;
}
