import { repository } from '#local/assembly.ts';
import { UsageError } from '#local/options.ts';
import { askCars, NoAnswer } from './ask.ts';
import { carHelp, parseCarOptions } from './options.ts';
import { told } from './telling.ts';

/** `npm run car -- <car> show-code` */
async function main(): Promise<void> {
  const options = parseCarOptions(process.argv.slice(2), repository);
  if (options === 'help') {
    process.stdout.write(carHelp);
    return;
  }
  const { request, json, stateDirectory } = options;
  const { cars } = await askCars(stateDirectory, request);
  const lines = json ? [JSON.stringify({ cars })] : told(request.action, cars, process.stdout.isTTY === true);
  process.stdout.write(`${lines.join('\n')}\n`);
}

main().catch((error: unknown) => {
  const expected = error instanceof UsageError || error instanceof NoAnswer;
  const text = expected || !(error instanceof Error) ? String(error).replace(/^\w*Error: /, '') : error.stack;
  process.stderr.write(`${expected ? 'Error: ' : ''}${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
