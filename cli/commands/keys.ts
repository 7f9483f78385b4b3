import type { Command } from 'commander';
import { Option } from 'commander';
import { createKeyFile, keyTypes, readKeyFile } from '../key-file.ts';
import { contextOf } from './context.ts';

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Offline keys: they stay in their file, and never reach the cloud');
  keys
    .command('create')
    .argument('<file>', 'where the private key is written (PKCS #8, PEM, mode 0600); never overwritten')
    .addOption(new Option('--type <type>', 'kind of key').choices([...keyTypes]).default('ed25519'))
    .description('make a key')
    .action((file: string, { type }: { type: (typeof keyTypes)[number] }, command: Command) => {
      const { keyId, key } = createKeyFile(file, type);
      contextOf(command).terminal.result({ file, keyId, key }, [
        `${file}: ${type} key ${keyId}`,
        'Keep it offline, and a copy elsewhere.',
      ]);
    });
  keys
    .command('show')
    .argument('<file>')
    .description('its id and its public half')
    .action((file: string, _: object, command: Command) => {
      const { keyid: keyId, publicKey: key } = readKeyFile(file);
      contextOf(command).terminal.result({ file, keyId, key }, [
        `${file}: ${key.keytype} key ${keyId}`,
        key.keyval.public,
      ]);
    });
}
