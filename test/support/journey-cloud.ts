import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisHost } from '#device-sdk/host.ts';
import { cloudAssembly } from '#local/assembly.ts';
import type { MovableClock } from '#local/clock.ts';
import { type LocalCloud, startCloud } from '#local/cloud.ts';
import { freePorts } from '#local/options.ts';
import { Journey } from '#local/tour/journey.ts';

/** A cloud of its own on free ports, and the vehicles and callers of a story. */
export interface JourneyCloud {
  readonly cloud: LocalCloud;
  readonly journey: Journey;
  readonly stateDirectory: string;
  /** What the cloud had to say. */
  readonly log: readonly string[];
  /** Vehicles first, so that they say goodbye. */
  close(): Promise<void>;
}

export interface JourneyCloudOptions {
  readonly clock?: MovableClock;
  /** The vehicles' time goes with the cloud's, also where that leaps. */
  readonly oneTime?: boolean;
  /** ms for which device certificates are good. */
  readonly certificateLife?: number;
  /** Default: the assembly of the present sources. */
  readonly assemblyDirectory?: string;
  /** Keeps the ways of messages on disk. */
  readonly trace?: boolean;
}

/** The first start after a change of the sources bundles and synthesizes them. */
export const startTimeout = 120_000;

let assembly: Promise<string> | undefined;

/** Looked for once a process: nobody changes the sources while tests run. */
function presentAssembly(log: (line: string) => void): Promise<string> {
  assembly ??= cloudAssembly(log);
  return assembly;
}

export async function openCloud({
  clock,
  oneTime = false,
  certificateLife,
  assemblyDirectory,
  trace = false,
}: JourneyCloudOptions = {}): Promise<JourneyCloud> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'fleetloom-journey-'));
  const log: string[] = [];
  const note = (line: string): void => void log.push(line);
  const cloud = await startCloud({
    stateDirectory,
    assemblyDirectory: assemblyDirectory ?? (await presentAssembly(note)),
    ports: freePorts,
    trace,
    log: note,
    ...(clock !== undefined && { clock }),
    ...(certificateLife !== undefined && { certificateLife }),
  });
  const host = {
    ...thisHost,
    now: () => cloud.clock.now(),
    monotonic: () => thisHost.monotonic() + cloud.clock.ahead,
  };
  const journey = new Journey(cloud.file, join(stateDirectory, 'vehicles'), oneTime ? { host } : {});
  return {
    ...{ cloud, journey, stateDirectory, log },
    async close() {
      await journey.end();
      await cloud.close();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}
