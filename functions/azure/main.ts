import {
  app,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
  output,
  trigger,
} from '@azure/functions';
import { alarmWords } from './alarm-words.ts';
import { allocate } from './allocation.ts';
import { deliver } from './delivery.ts';
import { type Patience, Platform } from './platform.ts';
import { settingsOf } from './settings.ts';
import { hubEvents } from './trigger-batch.ts';

/**
 * The app beside an IoT hub: what the hub's vehicles say, and what the hub says of them, goes to the platform, and the
 * provisioning service asks here which vehicles are expected. Programming model v4.
 */

const settings = settingsOf(process.env);

/** The host runs a batch again for ever, so one run need not wait longer than the host lets it (`host.json`). */
const ofEvents: Patience = { attempts: 6, timeout: 30_000, longestWait: 60_000 };
/** The provisioning service waits for its answer, and its device asks again. */
const ofAllocation: Patience = { attempts: 2, timeout: 8_000, longestWait: 1_000 };

const poisonQueue = output.storageQueue({ queueName: 'device-events-poison', connection: 'AzureWebJobsStorage' });

app.generic('events', {
  trigger: trigger.generic({
    type: 'eventHubTrigger',
    connection: 'EVENTS',
    eventHubName: '%EVENTS_NAME%',
    consumerGroup: 'fleetloom',
    cardinality: 'many',
    // Else the host would parse what looks like JSON, and the platform would never see a broken report as it was.
    dataType: 'binary',
  }),
  extraOutputs: [poisonQueue],
  // Without this the host would go on behind a batch that failed. Held up is its partition alone.
  retry: { strategy: 'exponentialBackoff', maxRetryCount: -1, minimumInterval: 1_000, maximumInterval: 300_000 },
  async handler(bodies: unknown, context: InvocationContext): Promise<void> {
    if (!Array.isArray(bodies)) throw new Error('The host hands over single events');
    const events = hubEvents(bodies, context.triggerMetadata);
    const poison = await deliver(events, platform(context, ofEvents));
    if (poison.length === 0) return;
    for (const { reason, partition, sequence } of poison) {
      context.error(`${alarmWords.poison} ${partition}/${sequence}: ${reason}`);
    }
    context.extraOutputs.set(poisonQueue, poison);
  },
});

app.http('allocate', {
  methods: ['POST'],
  authLevel: 'function',
  async handler(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
    const allocated = await allocate(await jsonOf(request), settings, platform(context, ofAllocation));
    if (allocated.kind === 'allocated') return { jsonBody: allocated.allocation };
    context.warn(`allocation refused: ${allocated.reason}`);
    return { status: 400, jsonBody: { message: 'Not expected here' } };
  },
});

function platform(log: InvocationContext, patience: Patience): Platform {
  const { platformUrl: url, home, signer } = settings;
  return new Platform({ url, home, signer, patience, log });
}

async function jsonOf(request: HttpRequest): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}
