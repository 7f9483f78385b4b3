import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '#local/options.ts';
import { type CarAction, type CarRequest, carActions } from '#local/simulator/car.ts';

export interface CarOptions {
  readonly request: CarRequest;
  readonly json: boolean;
  readonly stateDirectory: string;
}

export const carHelp = `Fleetloom: what can be done beside a simulated car

  npm run car                                every car, with its number
  npm run car -- CAR show-code               its screen shows the code with which a person claims it
  npm run car -- CAR rotate-certificate      it changes its certificate now
  npm run car -- CAR offline                 it drives into a tunnel; it goes on measuring
  npm run car -- CAR online                  it comes out, and catches up
  npm run car -- CAR accept                  its driver wants the update that is offered, now
  npm run car -- CAR tonight                 … at two in the morning
  npm run car -- CAR decline                 … not now: it is offered again after two days
  npm run car -- CAR mute                    … and does not want to be asked again
  npm run car -- CAR park                    it stands still, as an installation wants it; drive lets it go
  npm run car -- CAR status                  its line, certificate and screen

  CAR          its number in the list, its vehicle id (veh-…) or its VIN
  --json       the answer as a line of JSON, for programs
  --state DIR  where the cloud keeps its state (default .local)
  --help       this text

The cars are those of \`npm start\`. Where the output is no terminal, show-code prints nothing but the code.
`;

/** @throws UsageError naming what is not understood and what is accepted */
export function parseCarOptions(argv: readonly string[], directory: string): CarOptions | 'help' {
  const { values, positionals } = parse(argv);
  if (values.help === true) return 'help';
  return {
    request: requestOf(positionals),
    json: values.json === true,
    stateDirectory: resolve(directory, values.state ?? '.local'),
  };
}

/** A car and what it shall do, in either order. */
function requestOf(words: readonly string[]): CarRequest {
  const actions = words.flatMap((word) => carActions.filter((action) => action === word));
  const [car, ...more] = words.filter((word) => !isAction(word));
  if (more.length > 0) {
    const one = isAction(more[0] ?? '') ? '' : `"${more[0]}" is nothing that a car can do. `;
    throw new UsageError(`${one}One car, and one of ${carActions.join(', ')}.`);
  }
  const [action = car === undefined ? 'list' : 'status', ...others] = actions;
  if (others.length > 0) throw new UsageError(`One at a time, not ${actions.join(' and ')}.`);
  if (action === 'list') return { action };
  if (car === undefined) throw new UsageError(`Which car? npm run car -- CAR ${action}; "npm run car" lists them.`);
  return { action, car };
}

function isAction(word: string): word is CarAction {
  return carActions.some((action) => action === word);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' }, state: { type: 'string' } },
    });
  } catch (cause) {
    throw new UsageError(`${carHelp}\n${cause instanceof Error ? cause.message : cause}`);
  }
}
