import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { repository } from '#local/assembly.ts';
import { fleetloom } from '../../cli/program.ts';

const pages = ['README.md', ...readdirSync(join(repository, 'docs')).filter((name) => name.endsWith('.md'))].map(
  (name) => join(name === 'README.md' ? '' : 'docs', name),
);

/** What somebody would paste: `npx fleetloom …` up to the end of its command. */
function commandsOf(page: string): string[] {
  const text = readFileSync(join(repository, page), 'utf8').replace(/\\\n\s*/g, ' ');
  return [...text.matchAll(/npx\s+fleetloom ([^\n`;|&)]+)/g)].map(([, words = '']) =>
    words.replace(/\s#.*$/, '').trim(),
  );
}

/** The command that the words name, and the options that stand there. */
function named(words: string): { readonly command: Command; readonly options: readonly string[] } {
  let command = fleetloom(false);
  const rest = words.replace(/"[^"]*"/g, 'text').split(/\s+/);
  for (const [place, word] of rest.entries()) {
    if (['--as', '--state', '--profile'].includes(rest[place - 1] ?? '')) continue;
    command = command.commands.find((one) => one.name() === word) ?? command;
  }
  return { command, options: rest.filter((word) => /^--[a-z]/.test(word)) };
}

function known(command: Command | null): readonly (string | undefined)[] {
  return command === null ? ['--help'] : [...command.options.map(({ long }) => long), ...known(command.parent)];
}

describe.each(pages)('%s', (page) => {
  test('names commands that there are, with options that they have', () => {
    for (const words of commandsOf(page)) {
      const { command, options } = named(words);
      expect(known(command), words).toEqual(expect.arrayContaining([...options]));
      if (options.includes('--help')) continue;
      expect(command.commands, `${words} names a group alone`).toEqual([]);
    }
  });
});

test('docs/cli.md lists every command, and nothing else', () => {
  const rows = readFileSync(join(repository, 'docs/cli.md'), 'utf8').matchAll(/^\| `([a-z].*?)` *(?:, `(.*?)` )?\|/gm);
  const listed = [...rows].flatMap(([, one = '', other = '']) => [one, other]).filter((text) => text !== '');
  const documented = new Set(listed.flatMap(spelledOut));
  const there = fleetloom(false).commands.flatMap((group) =>
    group.commands.map((one) => `${group.name()} ${one.name()}`),
  );
  expect(documented).toEqual(new Set(there));
});

/** `keys create\|show FILE` are two. */
function spelledOut(text: string): readonly string[] {
  const [, group = '', verbs = ''] = /^(\w+) ([\w\\|]+)/.exec(text) ?? [];
  return verbs.split('\\|').map((verb) => `${group} ${verb}`);
}
