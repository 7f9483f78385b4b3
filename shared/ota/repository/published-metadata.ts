import { Failure } from '../../kernel/failure.ts';
import {
  type ReadFile,
  type ReadRoot,
  type ReadTarget,
  type ReadTargets,
  readRoot,
  readTargets,
} from '../uptane/metadata-reader.ts';
import { covers } from '../uptane/path-pattern.ts';
import type { KeptTexts } from './metadata-ports.ts';
import { delegatedAuthority, rootAuthority } from './offline-rules.ts';
import { type OfflineRole, type RepositoryState, targetsRole } from './repository-state.ts';
import type { Authority } from './submission.ts';

/** What a repository has published, read when it is asked for, each file once. */
export class PublishedMetadata {
  readonly #state: RepositoryState;
  readonly #files: KeptTexts;
  readonly #read = new Map<string, Promise<ReadFile<ReadTargets> | undefined>>();

  constructor(state: RepositoryState, files: KeptTexts) {
    this.#state = state;
    this.#files = files;
  }

  async root(): Promise<ReadFile<ReadRoot>> {
    return readRoot(await this.#files.kept(this.#state.root.meta.hashes.sha256));
  }

  /** `targets`, or what it delegates to; undefined where that was never published. */
  targets(role: string): Promise<ReadFile<ReadTargets> | undefined> {
    const known = this.#read.get(role) ?? this.#readTargets(role);
    this.#read.set(role, known);
    return known;
  }

  /** Who signs Targets: by the Root, or by whichever Targets delegate to them. */
  async authorityOf(role: OfflineRole): Promise<Authority | undefined> {
    if (role === targetsRole) return rootAuthority((await this.root()).content, 'targets');
    // Most delegations stand in the top-level Targets.
    for (const name of [targetsRole, ...Object.keys(this.#state.targets).filter((other) => other !== targetsRole)]) {
      const targets = await this.targets(name);
      const authority = targets === undefined ? undefined : delegatedAuthority(targets.content, role);
      if (authority !== undefined) return authority;
    }
    return undefined;
  }

  /** As a vehicle would search for it: depth first, in the order of the delegations. */
  find(path: string, hardwareId: string): Promise<ReadTarget | undefined> {
    return this.#find({ path, hardwareId }, targetsRole, new Set());
  }

  async #find(
    wanted: { readonly path: string; readonly hardwareId: string },
    role: string,
    visited: Set<string>,
  ): Promise<ReadTarget | undefined> {
    if (visited.has(role)) return undefined;
    visited.add(role);
    const content = (await this.targets(role))?.content;
    const target = content?.targets.get(wanted.path);
    if (content === undefined || target !== undefined) return target;
    for (const { paths, hardwareIds, roles, terminating } of content.delegations) {
      const isFor = hardwareIds === undefined || hardwareIds.includes(wanted.hardwareId);
      if (!isFor || !paths.some((pattern) => covers(pattern, wanted.path))) continue;
      for (const { name } of roles) {
        const found = await this.#find(wanted, name, visited);
        if (found !== undefined) return found;
      }
      if (terminating) return undefined;
    }
    return undefined;
  }

  async #readTargets(role: string): Promise<ReadFile<ReadTargets> | undefined> {
    const file = this.#state.targets[role];
    return file === undefined ? undefined : readTargets(await this.#files.kept(file.meta.hashes.sha256));
  }
}

export function repositoryNotFound(): Failure {
  return new Failure('not-found', 'repository-not-found', 'The repository has no Root yet.', {
    resolution: 'Make its keys and its first Root: fleetloom repository create.',
  });
}
