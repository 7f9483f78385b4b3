import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '#local/assembly.ts';
import { type CloudFile, cloudFilePath } from '#local/cloud-file.ts';
import { UsageError } from '#local/options.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';

const help = `Fleetloom: an access token for the API of the local cloud, to be put into a header

  npm run -s token -- NAME [--state DIR]

  NAME         a program of identity.clients in cloud.json (operator, reader, city, mobility-app, accountant,
               field-crew, nobody …), which asks for it with its own id and secret (OAuth2 client credentials); or a
               person of identity.users (driver, second-driver), who signs in with name and password (Cognito's
               InitiateAuth). It is valid for an hour
  --state DIR  where the cloud keeps its state (default .local)

  curl -H "authorization: Bearer $(npm run -s token -- operator)" http://127.0.0.1:8080/v1/vehicles
`;

/** `npm run token -- operator` */
async function main(): Promise<void> {
  const { values, positionals } = parse(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(help);
    return;
  }
  const cloud = runningCloud(resolve(repository, values.state ?? '.local'));
  const [name = '', ...more] = positionals;
  if (more.length > 0) throw new UsageError('One name at a time.');
  process.stdout.write(`${await tokenOf(cloud, name)}\n`);
}

async function tokenOf(cloud: CloudFile, name: string): Promise<string> {
  const { clients, users } = cloud.identity;
  if (clients.some((client) => client.name === name)) return new ApiClient(cloud, name).token();
  if (users.some((user) => user.name === name)) return (await signIn(cloud, name)).accessToken;
  const known = [...clients, ...users].map((each) => each.name).join(', ');
  throw new UsageError(`${name === '' ? 'Whose token?' : `Nobody is called "${name}".`} There are ${known}.`);
}

function runningCloud(stateDirectory: string): CloudFile {
  const file = cloudFilePath(stateDirectory);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  throw new UsageError(
    `No cloud is running with its state in ${stateDirectory}. Start one with \`npm start\`, or name its directory with --state DIR.`,
  );
}

function parse(args: string[]) {
  try {
    const options = { help: { type: 'boolean', short: 'h' }, state: { type: 'string' } } as const;
    return parseArgs({ args, allowPositionals: true, options });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : cause}\n\n${help}`);
  }
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Error: ${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
