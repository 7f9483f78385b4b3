import { RefusedUpdate } from './attack.ts';
import {
  type ReadFile,
  type ReadRoot,
  type ReadSnapshot,
  type ReadTargets,
  type ReadTimestamp,
  readRoot,
  readSnapshot,
  readTargets,
  readTimestamp,
} from './metadata-reader.ts';

/** What a vehicle keeps of one repository: the files as they were read. */
export interface StoredRepository {
  readonly root: string;
  readonly timestamp?: string;
  readonly snapshot?: string;
  readonly targets?: string;
  /** By role. */
  readonly delegated?: Readonly<Record<string, string>>;
}

/** The same, read. */
export interface TrustedRepository {
  readonly root: ReadFile<ReadRoot>;
  readonly timestamp?: ReadFile<ReadTimestamp>;
  readonly snapshot?: ReadFile<ReadSnapshot>;
  readonly targets?: ReadFile<ReadTargets>;
  readonly delegated: ReadonlyMap<string, ReadFile<ReadTargets>>;
}

/** Files that cannot be read any more are left out: disks age. @throws RefusedUpdate where that is the root */
export function trustedOf(stored: StoredRepository): TrustedRepository {
  const timestamp = readable(stored.timestamp, readTimestamp);
  const snapshot = readable(stored.snapshot, readSnapshot);
  const targets = readable(stored.targets, readTargets);
  const delegated = new Map<string, ReadFile<ReadTargets>>();
  for (const [name, text] of Object.entries(stored.delegated ?? {})) {
    const file = readable(text, readTargets);
    if (file !== undefined) delegated.set(name, file);
  }
  return {
    root: readRoot(stored.root),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(targets === undefined ? {} : { targets }),
    delegated,
  };
}

export function storedOf({ root, timestamp, snapshot, targets, delegated }: TrustedRepository): StoredRepository {
  return {
    root: root.text,
    ...(timestamp === undefined ? {} : { timestamp: timestamp.text }),
    ...(snapshot === undefined ? {} : { snapshot: snapshot.text }),
    ...(targets === undefined ? {} : { targets: targets.text }),
    delegated: Object.fromEntries([...delegated].map(([name, file]) => [name, file.text])),
  };
}

function readable<Content>(
  text: string | undefined,
  read: (text: string) => ReadFile<Content>,
): ReadFile<Content> | undefined {
  if (text === undefined) return undefined;
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RefusedUpdate) return undefined;
    throw error;
  }
}
