import { readdirSync, readFileSync } from 'node:fs';

/** PSS of a process and all its descendants, in MB: shared pages are counted once, in parts. Linux only. */
export function proportionalSetSize(pid: number): number {
  const kilobytes = familyOf(pid).map((member) => {
    const [, pss = '0'] = /^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${member}/smaps_rollup`)) ?? [];
    return Number(pss);
  });
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** CPU time that a process and its living descendants have taken, in s. Linux only. */
export function cpuSeconds(pid: number): number {
  // Of one hundredth each (proc(5), fields 14 and 15).
  const ticks = familyOf(pid).map((member) => {
    const stat = readOrNothing(`/proc/${member}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

/** As `cpuSeconds`, with what those took that have ended since. Linux only. */
export function cpuSecondsOfAll(pid: number): number {
  const ticks = familyOf(pid).map((member) => {
    const stat = readOrNothing(`/proc/${member}/stat`);
    // With those that it has waited for (fields 16 and 17).
    const [own = 0, inKernel = 0, ended = 0, endedInKernel = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    return own + inKernel + ended + endedInKernel;
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

function familyOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readOrNothing(`/proc/${entry}/stat`);
    // The command in parentheses may contain spaces; the parent's id is the second field after it.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}
