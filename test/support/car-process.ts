import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repository } from '#local/assembly.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import type { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { CarBook, type CarEntry } from './car-book.ts';
import { type LoadedCar, readings } from './loaded-car.ts';

const shown = z.object({ code: z.optional(z.string()) });

/** `working-vehicle.ts`, started again and again in the same directory. */
export class CarProcess implements LoadedCar {
  readonly vehicleId: string;
  readonly directory: string;
  readonly #book: CarBook;
  readonly #words: readonly string[];
  readonly #began = Date.now() - 3_600_000;
  #child: ChildProcess | undefined;
  #lives = 0;
  output = '';

  /** @param place where it keeps its memory and its book */
  constructor(cloud: CloudFile, place: string, vin: string, vehicleId: string) {
    this.vehicleId = vehicleId;
    this.directory = join(place, vin);
    mkdirSync(place, { recursive: true });
    const [file, book] = [join(place, 'cloud.json'), join(place, 'book.ndjson')];
    writeFileSync(file, JSON.stringify(cloud), { mode: 0o600 });
    this.#book = new CarBook(book);
    this.#words = [file, this.directory, book, vin];
  }

  get entries(): readonly CarEntry[] {
    return this.#book.entries();
  }

  /** What it noted of one kind. */
  did<Kind extends CarEntry['did']>(kind: Kind): readonly Extract<CarEntry, { did: Kind }>[] {
    return this.entries.filter((entry): entry is Extract<CarEntry, { did: Kind }> => entry.did === kind);
  }

  get measured(): number {
    return this.did('measured').length;
  }

  /** It does so by itself. */
  measure(): void {}

  start(...options: readonly '--rest'[]): void {
    const words = [...this.#words, String(this.#lives), String(this.#began), ...options];
    this.#lives += 1;
    const program = join(repository, 'test', 'support', 'working-vehicle.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, ...words], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.output += text;
      });
    }
    this.#child = child;
  }

  /** Waits until it has noted so many things more. */
  async noted(more: number): Promise<void> {
    await this.#reaches(() => this.entries.length, this.entries.length + more);
  }

  /** Waits until it is in the middle of another command. */
  async obeys(): Promise<void> {
    await this.#reaches(() => this.did('locked').length, this.did('locked').length + 1);
  }

  async #reaches(count: () => number, wanted: number): Promise<void> {
    const ask = () => {
      if (this.#child === undefined || !isAlive(this.#child)) throw new Error(`The vehicle ended: ${this.output}`);
      return count();
    };
    await eventually(`${wanted} entries in the book`, ask, (found) => found >= wanted, 60_000);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !isAlive(child)) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async showCode(): Promise<{ readonly code: string }> {
    const child = this.#child;
    if (child === undefined || !child.connected) throw new Error('The vehicle is dead');
    const waiting = new AbortController();
    const heard = (event: string) => once(child, event, { signal: waiting.signal });
    // Where it dies meanwhile, its end is the answer.
    const answer = Promise.race([heard('message'), heard('exit')]);
    child.send('show-code', () => {});
    const { code } = shown.parse((await answer.finally(() => waiting.abort()))[0]);
    if (code === undefined) throw new Error('The screen stays dark');
    return { code };
  }

  async isAllThere(operator: ApiClient): Promise<void> {
    await eventually(
      'a vehicle that has told all',
      () => this.did('told-all').length,
      (told) => told > 0,
      60_000,
    );
    await eventually(
      'every reading, report and effect',
      async () => [
        ...(await this.#readings(operator)),
        ...(await this.#reports(operator)),
        ...(await this.#effects(operator)),
      ],
      (found) => found.length === 0,
      60_000,
    );
  }

  /** Every reading that was acknowledged once, and none twice. */
  async #readings(operator: ApiClient): Promise<string[]> {
    const found = await readings(operator, this.vehicleId, this.#began);
    const distinct = new Set(found);
    const missing = this.did('measured').filter(({ value }) => !distinct.has(value));
    // What was on disk when it died, before it could be written down.
    const most = this.measured + this.#lives;
    return [
      ...missing.map(({ value }) => `reading ${value} is missing`),
      ...(found.length === distinct.size ? [] : [`${found.length - distinct.size} readings are there twice`]),
      ...(found.length <= most ? [] : [`${found.length} readings are there, ${most} at most were made`]),
    ];
  }

  /** Values rise: what is there is at least what was acknowledged last. */
  async #reports(operator: ApiClient): Promise<string[]> {
    const last = new Map(this.did('reported').map(({ name, value }) => [name, value]));
    const { body } = await operator.get(`/v1/vehicles/${this.vehicleId}/twins/comfort`);
    return [...last].flatMap(([name, value]) => {
      const reported = at(body, 'reported', name);
      return Number(reported) >= value ? [] : [`${name} was reported as ${value}, and is ${reported}`];
    });
  }

  /** A command that succeeded was carried out, and each at most once. */
  async #effects(operator: ApiClient): Promise<string[]> {
    const effects = this.did('locked').map(({ commandId }) => commandId);
    const twice = effects.filter((commandId, index) => effects.indexOf(commandId) !== index);
    const succeeded = await this.#succeeded(operator);
    return [
      ...twice.map((commandId) => `command ${commandId} was carried out twice`),
      ...succeeded.filter((id) => !effects.includes(id)).map((id) => `command ${id} succeeded, and nothing was done`),
    ];
  }

  async #succeeded(operator: ApiClient): Promise<readonly string[]> {
    const path = `/v1/vehicles/${this.vehicleId}/commands?limit=100`;
    const found: unknown[] = [];
    let cursor: unknown;
    do {
      const { body } = await operator.get(cursor === undefined ? path : `${path}&cursor=${cursor}`);
      const items = at(body, 'items');
      if (Array.isArray(items)) found.push(...items);
      cursor = at(body, 'nextCursor');
    } while (cursor !== undefined);
    return found.filter((item) => at(item, 'status') === 'succeeded').map((item) => String(at(item, 'commandId')));
  }
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
