import { Command } from 'commander';
import { addCampaign } from './commands/campaign.ts';
import { addCity } from './commands/city.ts';
import { addHardware } from './commands/hardware.ts';
import { addKeys } from './commands/keys.ts';
import { addRelease } from './commands/release.ts';
import { addRepository } from './commands/repository.ts';
import { addVehicle } from './commands/vehicle.ts';

/** Every command. @param isForPrograms their mistakes are told in JSON, by whoever catches them */
export function fleetloom(isForPrograms: boolean): Command {
  const program = new Command('fleetloom')
    .description(
      'Software for vehicles, from a signed release to its campaign; cities in which they are shared; where one is at home',
    )
    .option('--json', 'one object on stdout for programs; failures as one on stderr')
    .option('--state <dir>', 'the local cloud with its state there (default: .local)')
    .option('--as <client>', 'the client of the local cloud that asks: operator, quality, safety … (default: operator)')
    .option(
      '--profile <name>',
      'a deployed platform, by its name in ~/.config/fleetloom/profiles.json (also FLEETLOOM_PROFILE)',
    )
    .addHelpText(
      'after',
      `
A profile is {"apiUrl", "tokenUrl", "clientId", "clientSecret"}; FLEETLOOM_PROFILES names another file of them.

Exit codes: 0 done; 1 a fault of the platform or the network, the same again may help; 2 a wrong command line or file;
3 the platform refuses, and says why; 4 done, but not what anybody wants (a plan that reaches nobody);
130 interrupted: the same command goes on.

docs/cli.md has all commands, docs/releases.md how a release goes from its files to its approval, docs/sharing.md how a
city is set up.`,
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => isForPrograms || write(text) })
    .exitOverride();
  addKeys(program);
  addRepository(program);
  addHardware(program);
  addRelease(program);
  addCampaign(program);
  addVehicle(program);
  addCity(program);
  return program;
}
