import type { WriteStream } from 'node:tty';
import type { HopKind } from './hop-record.ts';

/** How parts of a line look. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  bad(text: string): string;
  kind(kind: HopKind): string;
}

const same = (text: string): string => text;

/** For files and pipes. */
export const plain: Style = { bold: same, dim: same, bad: same, kind: same };

const colours: Readonly<Record<HopKind, number>> = {
  api: 32,
  call: 32,
  topic: 36,
  reply: 36,
  delivery: 36,
  presence: 36,
  schedule: 36,
  rule: 35,
  queue: 33,
  function: 34,
  table: 37,
  stream: 33,
  event: 35,
  shadow: 37,
  job: 37,
};

const coloured: Style = {
  bold: (text) => sgr(1, text),
  dim: (text) => sgr(2, text),
  bad: (text) => sgr(31, text),
  kind: (kind) => sgr(colours[kind], kind),
};

function sgr(code: number, text: string): string {
  return text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`;
}

/** Colour only for a terminal, and not where somebody does not want it (no-color.org). */
export function styleFor(stream: Pick<WriteStream, 'isTTY'>, environment: NodeJS.ProcessEnv): Style {
  const { NO_COLOR: unwanted = '', TERM: terminal } = environment;
  return stream.isTTY === true && unwanted === '' && terminal !== 'dumb' ? coloured : plain;
}
