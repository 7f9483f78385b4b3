import type { Command } from 'commander';
import { Api } from '../api.ts';
import { type Terminal, terminal } from '../outcome.ts';
import { chosenProfile, clientNames, localState, type ProfileChoice } from '../profile.ts';

interface GlobalOptions {
  readonly json?: true;
  readonly profile?: string;
  readonly state?: string;
  readonly as?: string;
}

export interface Context {
  readonly terminal: Terminal;
  /** Of the local cloud, where that is asked. */
  readonly stateDirectory: string | undefined;
  /** The command line of what comes next, for the same cloud. @param as whom the local cloud is asked */
  again(words: string, as?: string): string;
  /** A client's, where the local cloud knows it; else its id. */
  nameOf(clientId: string): string;
  /** Opened when it is needed: some commands ask nobody. */
  api(): Api;
}

/** What every command has, whatever stands before or behind its name. */
export function contextOf(command: Command): Context {
  const { json, ...choice } = command.optsWithGlobals<GlobalOptions>();
  const stateDirectory = localState(choice);
  return {
    terminal: terminal(json === true),
    stateDirectory,
    nameOf: (clientId) => clientNames(stateDirectory).get(clientId) ?? clientId,
    again: (words, as) => ['npx fleetloom', ...sameCloud(choice), ...whom(choice, as), words].join(' '),
    api: () => new Api(chosenProfile(choice)),
  };
}

function sameCloud({ profile, state }: ProfileChoice): readonly string[] {
  if (state !== undefined) return [`--state ${state}`];
  return profile === undefined ? [] : [`--profile ${profile}`];
}

/** Another person has another profile, which nobody but they know. */
function whom({ profile }: ProfileChoice, as: string | undefined): readonly string[] {
  return as === undefined ? [] : [profile === undefined ? `--as ${as}` : '(by another profile)'];
}
