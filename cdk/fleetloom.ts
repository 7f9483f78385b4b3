import type { App } from 'aws-cdk-lib';
import { DataStack } from './data-stack.ts';
import { PlatformStack } from './platform-stack.ts';
import { settingsFrom } from './settings.ts';

export interface Fleetloom {
  readonly data: DataStack;
  readonly platform: PlatformStack;
}

/** The two stacks of a stage. `functionsDirectory` holds one folder a function, as `bundle()` leaves them. */
export function fleetloom(app: App, functionsDirectory: string): Fleetloom {
  const settings = settingsFrom(app.node);
  const data = new DataStack(app, settings);
  const platform = new PlatformStack(app, { settings, data, functionsDirectory });
  return { data, platform };
}
