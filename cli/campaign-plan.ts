import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { wrongUse } from './outcome.ts';

/** What was typed; each member replaces what the file has in its place. The API judges it. */
export interface PlanFlags {
  readonly release?: string;
  readonly name?: string;
  readonly model?: readonly string[];
  readonly market?: readonly string[];
  readonly software?: readonly string[];
  readonly hardware?: readonly string[];
  readonly vehicle?: readonly string[];
  readonly rate?: object;
  readonly growingRate?: object;
  readonly wave?: readonly object[];
  readonly startAt?: string;
  readonly endAt?: string;
  readonly abort?: readonly object[];
  readonly retry?: Readonly<Record<string, object>>;
  readonly country?: Readonly<Record<string, string | null>>;
  readonly priority?: number;
  readonly recall?: true;
  readonly consentBy?: string;
  readonly installTime?: number;
}

const planFile = z.looseObject({
  query: z.looseObject({}).optional(),
  rollout: z.looseObject({}).optional(),
});
type PlanFile = z.infer<typeof planFile>;

/** @throws CommandFailure */
export function readPlanFile(path: string): PlanFile {
  if (!existsSync(path)) throw wrongUse(`There is no file ${path}.`);
  try {
    return planFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : error;
    throw wrongUse(`${path} is no plan: ${reason}\ndocs/examples/campaign/france.json is one.`);
  }
}

/** What POST /v1/campaigns takes, of a file and of flags. */
export function planOf(file: PlanFile, flags: PlanFlags): Readonly<Record<string, unknown>> {
  const { query, rollout, ...rest } = file;
  const rate = flags.rate ?? flags.growingRate;
  return {
    ...rest,
    ...given({ releaseId: flags.release, name: flags.name, priority: flags.priority, recall: flags.recall }),
    ...given({ consentBy: flags.consentBy, abort: flags.abort, retries: flags.retry, countries: flags.country }),
    ...given({ installMinutes: flags.installTime }),
    query: {
      ...query,
      ...given({ models: flags.model, markets: flags.market, softwareVersions: flags.software }),
      ...given({ hardwareIds: flags.hardware, vehicleIds: flags.vehicle }),
    },
    rollout: {
      rate: { kind: 'unlimited' },
      ...rollout,
      ...given({ rate, waves: flags.wave, startAt: flags.startAt, endAt: flags.endAt }),
    },
  };
}

function given(members: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
