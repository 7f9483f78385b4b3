import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { CommandFailure, exitCodes, wrongUse } from './outcome.ts';

/** Where the API is, and as whom it is asked. */
export interface Profile {
  /** What people call it. */
  readonly name: string;
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface ProfileChoice {
  readonly profile?: string;
  readonly state?: string;
  readonly as?: string;
}

const profileSchema = z.object({
  apiUrl: z.url(),
  tokenUrl: z.url(),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
});
const profilesSchema = z.record(z.string(), profileSchema);

const client = z.object({ name: z.string(), clientId: z.string(), clientSecret: z.string() });
const cloudSchema = z.object({
  api: z.object({ baseUrl: z.string() }),
  identity: z.object({ tokenUrl: z.string(), clients: z.array(client) }),
});

function profilesFile(): string {
  return process.env['FLEETLOOM_PROFILES'] ?? join(homedir(), '.config', 'fleetloom', 'profiles.json');
}

/** A profile where one is named, by option or `FLEETLOOM_PROFILE`; else the local cloud. */
export function chosenProfile(choice: ProfileChoice): Profile {
  const state = localState(choice);
  return state === undefined ? namedProfile(nameOf(choice) ?? '') : localProfile(state, choice.as ?? 'operator');
}

/** Where the local cloud keeps its state; undefined where another platform is asked. */
export function localState(choice: ProfileChoice): string | undefined {
  return nameOf(choice) !== undefined && choice.state === undefined ? undefined : resolve(choice.state ?? '.local');
}

function nameOf({ profile = process.env['FLEETLOOM_PROFILE'] }: ProfileChoice): string | undefined {
  return profile;
}

function namedProfile(name: string): Profile {
  const file = profilesFile();
  const profiles = read(file, profilesSchema, `Profiles stand in ${file}`);
  const found = profiles[name];
  if (found !== undefined) return { name, ...found };
  throw wrongUse(`${file} has no profile "${name}". It has ${Object.keys(profiles).join(', ') || 'none'}.`);
}

function localProfile(directory: string, as: string): Profile {
  const file = join(directory, 'cloud.json');
  if (!existsSync(file)) {
    throw new CommandFailure(
      exitCodes.fault,
      `No cloud is running with its state in ${directory}. Start one with \`npm start\`, name its directory with --state DIR, or a deployed one with --profile NAME.`,
    );
  }
  const { api, identity } = read(file, cloudSchema, 'It is what `npm start` writes');
  const found = identity.clients.find(({ name }) => name === as);
  if (found === undefined) {
    throw wrongUse(`There is no client "${as}". There are ${identity.clients.map(({ name }) => name).join(', ')}.`);
  }
  return {
    name: as,
    apiUrl: api.baseUrl,
    tokenUrl: identity.tokenUrl,
    clientId: found.clientId,
    clientSecret: found.clientSecret,
  };
}

/** Of the local cloud's clients, by their ids. */
export function clientNames(directory: string | undefined): ReadonlyMap<string, string> {
  const file = join(directory ?? '', 'cloud.json');
  if (directory === undefined || !existsSync(file)) return new Map();
  const { identity } = read(file, cloudSchema, 'It is what `npm start` writes');
  return new Map(identity.clients.map(({ clientId, name }) => [clientId, name]));
}

function read<T>(file: string, schema: z.ZodType<T>, hint: string): T {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : error;
    throw wrongUse(`${file} cannot be used: ${reason}. ${hint}.`);
  }
}
