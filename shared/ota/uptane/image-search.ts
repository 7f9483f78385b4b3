import { RefusedUpdate } from './attack.ts';
import { readImageCustom } from './custom-reader.ts';
import type { ReadDelegatedRole, ReadDelegation } from './delegation-reader.ts';
import type { ReadFile, ReadTarget, ReadTargets } from './metadata-reader.ts';
import { covers } from './path-pattern.ts';
import { type FreshRepository, listedTargets, type Verification } from './repository-refresh.ts';
import { requireThreshold } from './threshold.ts';
import { requireNotOlder, requireUnexpired } from './version-rules.ts';

/** Roles that one search visits at the most (TUF 1.0.34, 5.6.7.1 leaves the number to the client). */
const mostRoles = 64;

/** What is looked for. */
export interface Wanted {
  readonly path: string;
  readonly hardwareId: string | undefined;
}

type Outcome =
  | { readonly kind: 'found'; readonly target: ReadTarget; readonly file: string }
  /** `final`: a terminating delegation led here. */
  | { readonly kind: 'absent'; readonly final: boolean };

/**
 * Finds what the Image repository says of an image: in the top-level Targets, or depth first through its delegations
 * in their order (Standard, 5.4.4.3 step 11.2). Delegated files are read and verified as they are come by.
 */
export class ImageSearch {
  /** By file: what has been verified here, and before where nothing newer was needed. */
  readonly delegated: Map<string, ReadFile<ReadTargets>>;
  private readonly listed = new Map<string, ReadFile<ReadTargets>>();
  private readonly repository: FreshRepository;
  private readonly verification: Verification;

  constructor(repository: FreshRepository, verification: Verification) {
    this.repository = repository;
    this.verification = verification;
    this.delegated = new Map(repository.delegated);
  }

  /** @throws RefusedUpdate `arbitrary-software` where nobody with the right to speak of it does */
  async find(wanted: Wanted): Promise<{ readonly target: ReadTarget; readonly file: string }> {
    const outcome = await this.within(this.repository.targets.content, 'targets', wanted, new Set());
    if (outcome.kind === 'found') return outcome;
    throw new RefusedUpdate('arbitrary-software', `${wanted.path} is not in the Image repository`);
  }

  private async within(targets: ReadTargets, file: string, wanted: Wanted, visited: Set<string>): Promise<Outcome> {
    const target = targets.targets.get(wanted.path);
    if (target !== undefined) return { kind: 'found', target, file };
    for (const delegation of targets.delegations) {
      if (!concerns(delegation, wanted)) continue;
      const outcome = await this.through(delegation, wanted, visited);
      if (outcome.kind === 'found' || outcome.final) return outcome;
      if (delegation.terminating) return { kind: 'absent', final: true };
    }
    return { kind: 'absent', final: false };
  }

  private async through({ roles }: ReadDelegation, wanted: Wanted, visited: Set<string>): Promise<Outcome> {
    const outcomes: Outcome[] = [];
    for (const role of roles) outcomes.push(await this.visit(role, wanted, visited));
    const [first] = outcomes;
    const found = outcomes.flatMap((it) => (it.kind === 'found' ? [it] : []));
    if (first === undefined || found.length === 0) {
      return { kind: 'absent', final: outcomes.some((it) => it.kind === 'absent' && it.final) };
    }
    // TAP 3: all of them say the same, or none is believed.
    if (found.length < roles.length || found.some(({ target }) => !isSame(target, found[0]?.target))) {
      const names = roles.map(({ name }) => name).join(', ');
      throw new RefusedUpdate('mix-and-match', `${names} do not say the same of ${wanted.path}`);
    }
    return first;
  }

  private async visit(role: ReadDelegatedRole, wanted: Wanted, visited: Set<string>): Promise<Outcome> {
    // Delegations may go in circles.
    if (visited.has(role.name)) return { kind: 'absent', final: false };
    if (visited.size >= mostRoles) {
      throw new RefusedUpdate('endless-data', `more than ${mostRoles} roles to ask for ${wanted.path}`);
    }
    visited.add(role.name);
    const { content } = await this.read(role);
    return this.within(content, role.file, wanted, visited);
  }

  private async read(role: ReadDelegatedRole): Promise<ReadFile<ReadTargets>> {
    const { snapshot } = this.repository;
    const file =
      this.listed.get(role.file) ??
      (await listedTargets(role.file, this.repository, snapshot.content, this.verification));
    const name = `${role.file}.json`;
    requireThreshold(file, role, role.keys, name, this.verification.cryptography);
    requireNotOlder(name, file, this.repository.delegated.get(role.file));
    requireUnexpired(name, file, this.verification.now);
    this.listed.set(role.file, file);
    this.delegated.set(role.file, file);
    return file;
  }
}

function concerns({ paths, hardwareIds }: ReadDelegation, { path, hardwareId }: Wanted): boolean {
  const forHardware = hardwareIds === undefined || (hardwareId !== undefined && hardwareIds.includes(hardwareId));
  return forHardware && paths.some((pattern) => covers(pattern, path));
}

function isSame(one: ReadTarget, other: ReadTarget | undefined): boolean {
  return other !== undefined && essence(one) === essence(other);
}

function essence({ length, hashes, custom }: ReadTarget): string {
  const { hardwareIds, releaseCounter } = readImageCustom(custom);
  const sorted = Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([length, sorted, hardwareIds, releaseCounter]);
}
