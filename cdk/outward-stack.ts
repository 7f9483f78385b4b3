import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Care } from './capabilities/care.ts';
import { Feeds } from './capabilities/feeds.ts';
import { Field } from './capabilities/field.ts';
import { Packages } from './capabilities/packages.ts';
import { Partners } from './capabilities/partners.ts';
import { SharingApi } from './capabilities/sharing-api.ts';
import { Webhooks } from './capabilities/webhooks.ts';
import type { DataStack } from './data-stack.ts';
import { Alarms } from './parts/alarms.ts';
import { Board } from './parts/board.ts';
import type { House } from './parts/house.ts';
import type { PlatformStack } from './platform-stack.ts';
import type { Settings } from './settings.ts';

export interface OutwardStackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly platform: PlatformStack;
  readonly functionsDirectory: string;
}

/**
 * What the platform is to others: the API of sharing and of partners, feeds, webhooks. It refers to the platform, which
 * knows nothing of it, and can be thrown away and deployed again beside it.
 */
export class OutwardStack extends Stack {
  constructor(scope: Construct, { settings, data, platform, functionsDirectory }: OutwardStackProps) {
    super(scope, `Fleetloom-${settings.stage}-Outward`, {
      env: { region: settings.region },
      description: `Fleetloom ${settings.stage}: sharing, partners, feeds and webhooks`,
    });
    const { api, audit, bus, sharing, homes } = platform;
    const alarms = new Alarms(this, 'Alarms', settings, platform.alarms.topic);
    const house: House = { settings, functionsDirectory, alarms };
    const feeds = new Feeds(this, 'Feeds', { house, data });
    const webhooks = new Webhooks(this, 'Webhooks', { house, data, bus });
    const field = new Field(this, 'Field', { house, data });
    const care = new Care(this, 'Care', { data });
    const packages = new Packages(this, 'Packages', { house, data, bus });
    const partners = new Partners(this, 'Partners', { house, data, sharing });
    const sharingApi = new SharingApi(this, 'SharingApi', {
      ...{ house, data, audit, api },
      capabilities: [sharing, care, feeds, webhooks, field, partners, packages],
    });
    homes?.serve([sharingApi.function]);
    const functions = [feeds, webhooks, field, partners, packages].flatMap((capability) => capability.functions);
    new Board(this, 'Board', { house, name: 'outward', functions: [sharingApi.function, ...functions] });
  }
}
