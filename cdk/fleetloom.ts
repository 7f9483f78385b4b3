import type { App } from 'aws-cdk-lib';
import { DataStack } from './data-stack.ts';
import { OutwardStack } from './outward-stack.ts';
import { PlatformStack } from './platform-stack.ts';
import { settingsFrom } from './settings.ts';

export interface Fleetloom {
  readonly data: DataStack;
  readonly platform: PlatformStack;
  readonly outward: OutwardStack;
}

/** The three stacks of a stage, each referring to those before it alone. `functionsDirectory` holds one folder a function, as `bundle()` leaves them. */
export function fleetloom(app: App, functionsDirectory: string): Fleetloom {
  const settings = settingsFrom(app.node);
  const data = new DataStack(app, settings);
  const platform = new PlatformStack(app, { settings, data, functionsDirectory });
  const outward = new OutwardStack(app, { settings, data, platform, functionsDirectory });
  return { data, platform, outward };
}
