import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { lockDirectory } from '#device-sdk/directory-lock.ts';
import { overHttp } from '#device-sdk/ota/download/range-request.ts';
import { SimulatedCar } from '#device-sdk/ota/simulated/simulated-car.ts';
import type { UpdateSettings } from '#device-sdk/ota/update-settings.ts';
import { NotDecided, type Updates } from '#device-sdk/ota/updates.ts';
import { uptane } from '#device-sdk/ota/uptane-verification.ts';
import type { EcuReport } from '#shared/vehicle-cloud/envelopes.ts';
import { CarProblem, type CarView, type UpdateAction } from './car.ts';
import type { DriveState } from './drive.ts';

const rootsSchema = z.object({ director: z.string(), images: z.string() });

export interface SoftwareSources {
  /** Where the factory has put the first Roots; it may come later than the car. */
  readonly rootsFile: string;
  /** PEM file of the authority behind the addresses of downloads. */
  readonly caFile: string;
}

/** The software of a simulated car: its control units, what its body says, and what its driver does about updates. */
export class SimulatedSoftware {
  readonly settings: UpdateSettings;
  private readonly car: SimulatedCar;
  private readonly unlock: () => void;
  /** While it is parked it stays so, whatever its day would bring: there is this file, and the next start finds it. */
  private readonly parkedFile: string;
  /** Until its immobiliser has been asked, it does not move: it may have been begun to be updated. */
  private immobilised = true;
  private parked: boolean;
  private last: NonNullable<CarView['update']> | undefined;

  constructor(directory: string, ecus: readonly EcuReport[], { rootsFile, caFile }: SoftwareSources) {
    const flash = join(directory, 'control-units');
    this.parkedFile = join(directory, 'parked');
    this.parked = existsSync(this.parkedFile);
    this.unlock = lockDirectory(flash, (holder) => `Process ${holder} runs the control units in ${flash} already.`);
    this.car = new SimulatedCar(flash, ecus);
    const roots = async () => rootsSchema.parse(JSON.parse(await readFile(rootsFile, 'utf8')));
    const { ecus: units, body } = this.car;
    const verification = uptane({ roots, primary: ecus[0]?.ecuId ?? '' });
    this.settings = { ecus: units, body, verification, request: overHttp({ caFile }) };
  }

  /** What the screen shows is what the car says. */
  watch(updates: Updates): void {
    const say = (status: string, percent?: number) => {
      this.last = { status, software: {}, ...(percent !== undefined && { percent }) };
      void this.look();
    };
    updates.onProgress(({ phase, percent }) => say(phase, percent));
    updates.onResult((result) => say(result.outcome === 'installed' ? 'installed' : `failed: ${result.detail}`));
  }

  /** The drive goes on, unless the car is parked or must not move. */
  step(state: DriveState, driven: DriveState): DriveState {
    void this.car.body.isImmobilised().then((immobilised) => {
      this.immobilised = immobilised;
    });
    const next = this.parked || this.immobilised ? { ...state, speed: 0 } : driven;
    const isStill = next.speed < 0.5;
    this.car.body.set({ parked: isStill, ignitionOn: !isStill, battery: next.charge, charging: next.charging });
    return next;
  }

  /** @throws CarProblem */
  decide(action: UpdateAction, updates: Updates): void {
    try {
      if (action === 'park' || action === 'drive') this.park(action === 'park');
      else if (action === 'accept') updates.accept();
      else if (action === 'tonight') updates.accept(updates.tonight());
      else if (action === 'decline') updates.decline();
      else updates.mute();
    } catch (error) {
      if (!(error instanceof NotDecided)) throw error;
      throw new CarProblem(error.message);
    }
  }

  view(updates: Updates): CarView['update'] {
    const offer = updates.available;
    const said = this.last ?? { status: 'up to date', software: {} };
    if (offer === undefined) return said;
    const isUnderWay = offer.state.status === 'accepted' && this.last !== undefined;
    const title = (offer.texts['en'] ?? Object.values(offer.texts)[0])?.title;
    const known = isUnderWay ? said : { status: offer.state.status, software: said.software };
    return { ...known, ...(title !== undefined && { title }) };
  }

  private park(parked: boolean): void {
    this.parked = parked;
    if (parked) writeFileSync(this.parkedFile, '');
    else rmSync(this.parkedFile, { force: true });
  }

  close(): void {
    this.car.close();
    this.unlock();
  }

  private async look(): Promise<void> {
    const software: Record<string, string> = {};
    for (const ecu of this.car.ecus) {
      const { slots, running } = await ecu.inspect();
      const holds = slots[running];
      if (holds.status !== 'empty') software[ecu.ecuId] = holds.software.softwareVersion;
    }
    if (this.last !== undefined) this.last = { ...this.last, software };
  }
}
