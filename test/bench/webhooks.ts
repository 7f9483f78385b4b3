import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { accessKeys } from '#functions/adapters/dynamo/access.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoWebhookRepository } from '#functions/adapters/dynamo/webhooks.ts';
import { Bus } from '#functions/adapters/event-bridge/bus.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import { isBrand } from '#shared/registry/brand.ts';
import { newWebhook } from '#shared/webhooks/webhook.ts';
import { webhookIdOf } from '#shared/webhooks/webhook-id.ts';
import { anOperationId } from '../contract/samples.ts';
import { administrator } from '../support/aws-clients.ts';
import { type Figure, percentile, rounded } from './figure.ts';
import { Meter } from './meter.ts';

/** BENCH_SUBSCRIBERS tries it in small. */
const subscribers = Number(process.env['BENCH_SUBSCRIBERS'] ?? 1_000);
/** Each is told to all of them. */
const events = 6;
const clients = 10;
const brand = 'audi';

/** USD a million: docs/prices.md. */
const price = { writeUnits: 0.625, readUnits: 0.125, sqsRequests: 0.4, lambdaRequests: 0.2, gigabyteSeconds: 13.33 };

/** Of ten subscribers one fails: answers 500, hangs, breaks the line, or shows a page. */
export async function webhookFigures(): Promise<readonly Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  const meter = await Meter.start(state);
  const [receivers, tables] = [new Receivers(), new DynamoDBClient(administrator(meter.cloud))];
  const bridge = new EventBridgeClient(administrator(meter.cloud));
  try {
    await subscribe(meter, tables, await receivers.open());
    const bus = new Bus(bridge, meter.made('AWS::Events::EventBus').ref, 'fleetloom.registry');
    const before = await meter.read();
    for (let event = 0; event < events; event += 1) await receivers.hear(() => happen(bus, event));
    const consumed = difference(before, await meter.read());
    const told = receivers.latencies.length;
    return [
      { name: 'webhooks-healthy-median', value: percentile(receivers.latencies, 0.5), unit: 'ms', limit: 2_000 },
      { name: 'webhooks-healthy-p99', value: percentile(receivers.latencies, 0.99), unit: 'ms' },
      { name: 'webhooks-healthy-lost', value: events * receivers.healthy - told, unit: 'events', limit: 0 },
      // Until it rests: five that failed, and what was under way meanwhile.
      { name: 'webhooks-calls-a-failing', value: receivers.mostOfOneFailing, unit: 'calls', limit: 8 },
      {
        name: 'webhooks-write-units',
        value: rounded(consumed.writeUnits / (events * subscribers)),
        unit: 'a delivery',
      },
      { name: 'webhooks-million', value: rounded((cost(consumed) / (events * subscribers)) * 1e6), unit: 'USD' },
    ];
  } finally {
    receivers.close();
    tables.destroy();
    bridge.destroy();
    await meter.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

/** A subscriber of each number; every tenth fails in one of four ways. */
class Receivers {
  readonly latencies: number[] = [];
  readonly #failing = new Map<string, number>();
  readonly #heard = new Set<string>();
  readonly #server = createServer((request, response) => {
    const number = Number(request.url?.slice(1));
    if (number % 10 === 0) {
      this.#fail(number, request.socket, response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      const { timestamp } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      if (!this.#heard.has(id)) this.latencies.push(Date.now() - Date.parse(timestamp));
      this.#heard.add(id);
      response.writeHead(204).end();
    });
  });

  get healthy(): number {
    return subscribers - Math.ceil(subscribers / 10);
  }

  get mostOfOneFailing(): number {
    return Math.max(...this.#failing.values());
  }

  async open(): Promise<string> {
    return `http://127.0.0.1:${await listenOnLoopback(this.#server, 0)}`;
  }

  /** Until all that are well have heard it. */
  async hear(happening: () => Promise<void>): Promise<void> {
    const [before, deadline] = [this.#heard.size, Date.now() + 120_000];
    await happening();
    while (this.#heard.size < before + this.healthy) {
      if (Date.now() > deadline) return;
      await pause(20);
    }
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #fail(number: number, socket: { destroy(): void }, response: ServerResponse): void {
    const name = String(number);
    this.#failing.set(name, (this.#failing.get(name) ?? 0) + 1);
    switch ((number / 10) % 4) {
      case 0:
        return;
      case 1:
        socket.destroy();
        return;
      case 2:
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sorry</html>');
        return;
      default:
        response.writeHead(500).end();
    }
  }
}

async function subscribe(meter: Meter, tables: DynamoDBClient, base: string): Promise<void> {
  if (!isBrand(brand)) throw new Error(`${brand} is no brand`);
  const client = documentClient(tables);
  const webhooks = new DynamoWebhookRepository(client, meter.table('Webhooks'));
  const TableName = meter.table('AccessRecords');
  for (let one = 0; one < clients; one += 1) {
    await client.send(new PutCommand({ TableName, Item: { ...accessKeys.brands(`partner-${one}`), brands: [brand] } }));
  }
  for (let made = 0; made < subscribers; made += 50) {
    const some = Array.from({ length: Math.min(50, subscribers - made) }, (_, index) => made + index);
    await Promise.all(
      some.map((number) => {
        const order = { url: `${base}/${number}`, types: ['vehicle.retired'], brand } as const;
        const clientId = `partner-${number % clients}`;
        return webhooks.save(newWebhook(webhookIdOf(anOperationId()), clientId, order, Date.now()), undefined);
      }),
    );
  }
}

async function happen(bus: Bus, event: number): Promise<void> {
  const vehicle = { vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', brand, model: 'e-tron', market: 'DE', status: 'retired' };
  const happening = { name: 'VehicleRetired', eventId: `bench-${event}`, at: Date.now(), ...vehicle };
  await bus.put(happening);
}

type Reading = Awaited<ReturnType<Meter['read']>>;

function difference(before: Reading, after: Reading) {
  const unit = (name: keyof Reading['units']) => (after.units[name] ?? 0) - (before.units[name] ?? 0);
  const runs = (reading: Reading) => Object.entries(reading.functions).filter(([name]) => name.includes('webhooks'));
  const sum = (reading: Reading, of: 'times' | 'took') => runs(reading).reduce((all, [, one]) => all + one[of], 0);
  return {
    ...{ writeUnits: unit('writeUnits'), readUnits: unit('readUnits'), sqsRequests: unit('sqsRequests') },
    invocations: sum(after, 'times') - sum(before, 'times'),
    gigabyteSeconds: ((sum(after, 'took') - sum(before, 'took')) / 1000) * 0.5,
  };
}

/** USD. */
function cost(consumed: ReturnType<typeof difference>): number {
  const { writeUnits, readUnits, sqsRequests, invocations, gigabyteSeconds } = consumed;
  const requests = writeUnits * price.writeUnits + readUnits * price.readUnits + sqsRequests * price.sqsRequests;
  return (requests + invocations * price.lambdaRequests + gigabyteSeconds * price.gigabyteSeconds) / 1e6;
}
