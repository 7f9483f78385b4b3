import type { Command } from 'commander';
import { Api } from '../api.ts';
import { type Terminal, terminal } from '../outcome.ts';
import { chosenProfile, localState } from '../profile.ts';

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
  /** Opened when it is needed: some commands ask nobody. */
  api(): Api;
}

/** What every command has, whatever stands before or behind its name. */
export function contextOf(command: Command): Context {
  const { json, ...choice } = command.optsWithGlobals<GlobalOptions>();
  return {
    terminal: terminal(json === true),
    stateDirectory: localState(choice),
    api: () => new Api(chosenProfile(choice)),
  };
}
