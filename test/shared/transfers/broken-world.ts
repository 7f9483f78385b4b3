import { createHash } from 'node:crypto';
import { judgedRegistration, registrationMembers } from '#functions/api/registration.ts';
import type { AuditRecord } from '#shared/audit/audit-record.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import type { Import, ImportId, UploadedFile } from '#shared/transfers/import.ts';
import { waitingImport } from '#shared/transfers/import.ts';
import { fileNames, type Stretch } from '#shared/transfers/import-files.ts';
import { ImportRun } from '#shared/transfers/import-run.ts';
import { ArrivalService } from '#shared/transfers/import-service.ts';
import { LineRegistration } from '#shared/transfers/line-registration.ts';
import type { TransferFormat } from '#shared/transfers/transfer-format.ts';
import { aBrand } from '../../contract/samples.ts';

/** What happens at a call: it fails before or after it did its work, or the run dies with it. */
export type Fate = 'well' | 'fail' | 'fail-after' | 'die' | 'die-after';

const second = 1_000;
const runTime = 30 * second;

/** Tables, files and queue in memory, which break where they are told to, and runs that die. */
export class BrokenWorld {
  now = 1_700_000_000_000;
  readonly vehicles = new Map<string, Vehicle>();
  readonly tasks = new Map<string, Import>();
  readonly files = new Map<string, Uint8Array>();
  readonly messages: string[] = [];
  readonly records = new Map<string, AuditRecord>();
  /** Called before each stretch of the upload is read. */
  onRead: () => void = () => {};
  #tag = 0;
  #fates: Fate[];

  constructor(fates: readonly Fate[] = []) {
    this.#fates = [...fates];
  }

  /** @returns the import and its report when everything has come to rest */
  async import(format: TransferFormat, file: Uint8Array, deliveries = 1, bytes = file.length) {
    const operation = { operationId: 'abcdefghijklmnopqrst', startedAt: this.now };
    const task = waitingImport(operation, { clientId: 'client', brands: [aBrand('volkswagen')] }, format);
    this.tasks.set(task.importId, task);
    this.upload(task.importId, file);
    const arrived = { tag: String(this.#tag), bytes };
    for (let delivery = 0; delivery < deliveries; delivery++) {
      await this.#untilDone(() => this.#arrivals().arrived(task.importId, arrived));
    }
    for (let round = 0; this.messages.length > 0 && round < 5_000; round++) {
      await Promise.all(this.messages.splice(0).map((id) => this.#run(id)));
      this.now += second;
    }
    const report = this.files.get(fileNames.report(task.importId));
    const end = this.tasks.get(task.importId);
    if (end === undefined) throw new Error('The import is gone');
    return { end, report: report === undefined ? undefined : new TextDecoder().decode(report) };
  }

  upload(importId: string, file: Uint8Array): void {
    this.#tag += 1;
    this.files.set(fileNames.upload(importId), file);
  }

  async #untilDone(work: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch {
        // Whoever died is followed by another.
      }
    }
  }

  /** A message that was not handled comes again when whoever had it is gone. */
  async #run(id: string): Promise<void> {
    const life = { dead: false };
    try {
      const stopAt = this.now + 10 * second;
      const times = { mayGoOn: () => this.now < stopAt, goneAt: this.now + runTime };
      await this.#runs(life).run(this.#idOf(id), times);
      if (life.dead) throw new Error('died');
    } catch {
      this.now += runTime + second;
      this.messages.push(id);
    }
  }

  #idOf(id: string): ImportId {
    const task = this.tasks.get(id);
    if (task === undefined) throw new Error(id);
    return task.importId;
  }

  /** Each call takes time, and its fate. A run that has died does nothing any more. */
  async #call<T>(life: { dead: boolean }, work: () => T): Promise<T> {
    await Promise.resolve();
    if (life.dead) throw new Error('dead');
    this.now += 300;
    const fate = this.#fates.shift() ?? 'well';
    life.dead = fate === 'die' || fate === 'die-after';
    if (fate === 'fail' || fate === 'die') throw new Error(fate);
    const result = work();
    if (fate !== 'well') throw new Error(fate);
    return result;
  }

  #arrivals(): ArrivalService {
    const life = { dead: false };
    return new ArrivalService(this.#importsFor(life), this.#queueFor(life), { now: () => this.now });
  }

  #importsFor(life: { dead: boolean }) {
    return {
      load: (id: ImportId) => this.#call(life, () => this.tasks.get(id)),
      add: async () => true,
      save: (task: Import, seen: number) =>
        this.#call(life, () => {
          if (this.tasks.get(task.importId)?.version !== seen) return false;
          this.tasks.set(task.importId, task);
          return true;
        }),
    };
  }

  #queueFor(life: { dead: boolean }) {
    return { send: (id: string) => this.#call(life, () => void this.messages.push(id)) };
  }

  #runs(life: { dead: boolean }): ImportRun {
    const clock = { now: () => this.now };
    const put = (name: string, bytes: Uint8Array) => this.#call(life, () => void this.files.set(name, bytes));
    return new ImportRun(
      {
        imports: this.#importsFor(life),
        continuations: this.#queueFor(life),
        files: {
          readUpload: (id, file, offset, length) => this.#call(life, () => this.#read(id, file, offset, length)),
        },
        notes: {
          writeNote: put,
          readNote: (name) => this.#call(life, () => this.files.get(name) ?? new Uint8Array()),
        },
        storage: { put, begin: async () => 'upload', addPart: async () => 'part', complete: async () => {} },
        registration: new LineRegistration({
          vehicles: this.#registry(life),
          judge: judgedRegistration,
          digest: (text) => createHash('sha256').update(text).digest(),
          brands: [aBrand('volkswagen'), aBrand('audi')],
          clock,
        }),
        ...{ members: registrationMembers, clock },
        trail: { append: (records) => this.#call(life, () => this.#record(records)) },
      },
      2,
    );
  }

  #record(records: readonly AuditRecord[]): void {
    for (const record of records) {
      const known = this.records.get(record.recordId);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(record)) throw new Error('Another end');
      this.records.set(record.recordId, record);
    }
  }

  #registry(life: { dead: boolean }) {
    const never = async (): Promise<never> => {
      throw new Error('An import does not do that');
    };
    return {
      ...{ erased: async () => undefined, load: never, save: never, search: never },
      findByVin: (vin: string) => this.#call(life, () => this.vehicles.get(vin)),
      register: (vehicle: Vehicle) =>
        this.#call(life, () => {
          if (this.vehicles.has(vehicle.vin)) return false;
          this.vehicles.set(vehicle.vin, vehicle);
          return true;
        }),
    };
  }

  #read(id: ImportId, { tag }: UploadedFile, offset: number, length: number): Stretch {
    this.onRead();
    const file = this.files.get(fileNames.upload(id));
    if (file === undefined) return { kind: 'gone' };
    if (tag !== String(this.#tag)) return { kind: 'changed' };
    return { kind: 'bytes', bytes: file.subarray(offset, offset + length) };
  }
}
