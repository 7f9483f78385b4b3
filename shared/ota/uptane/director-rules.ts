import type { EcuReport } from '../../vehicle-cloud/envelopes.ts';
import { RefusedUpdate } from './attack.ts';
import type { Delta } from './custom.ts';
import { readDirectorCustom } from './custom-reader.ts';
import type { ReadTarget, ReadTargets } from './metadata-reader.ts';

/** A control unit as it is on board now. */
export type KnownEcu = Pick<EcuReport, 'ecuId' | 'hardwareId' | 'releaseCounter'>;

/** What the Director wants on one control unit. */
export interface Assignment {
  readonly path: string;
  readonly target: ReadTarget;
  /** Undefined in repositories that name none; never where the vehicle's control units are known. */
  readonly ecuId?: string;
  readonly hardwareId?: string | undefined;
  readonly releaseCounter?: number | undefined;
  readonly softwareVersion?: string | undefined;
  readonly delta?: Delta | undefined;
}

/**
 * Standard, 5.4.4.3 steps 6.6, 6.7 and the last paragraph.
 *
 * @param previous the Director's Targets before, of this vehicle
 * @param ecus undefined where a repository is looked at without its vehicle
 * @throws RefusedUpdate `arbitrary-software`, `wrong-ecu`, `wrong-hardware`, `rollback`, `malformed`
 */
export function assignments(
  targets: ReadTargets,
  previous: ReadTargets | undefined,
  ecus: readonly KnownEcu[] | undefined,
): readonly Assignment[] {
  if (targets.delegations.length > 0) {
    throw new RefusedUpdate('arbitrary-software', 'the Director delegates, which it may not');
  }
  const all = assigned(targets);
  requireOnce(all);
  for (const assignment of all) {
    requirePlainPath(assignment.path);
    if (ecus !== undefined) requireOnBoard(assignment, ecus);
  }
  if (previous !== undefined) requireNoneFalls(all, assigned(previous));
  return all;
}

function assigned(targets: ReadTargets): readonly Assignment[] {
  return [...targets.targets].flatMap(([path, target]): readonly Assignment[] => {
    const { ecus, releaseCounter, softwareVersion } = readDirectorCustom(target.custom);
    const common = { path, target, releaseCounter, softwareVersion };
    return ecus.length === 0 ? [common] : ecus.map((ecu) => ({ ...common, ...ecu }));
  });
}

function requireOnce(all: readonly Assignment[]): void {
  const seen = new Set<string>();
  for (const { ecuId } of all) {
    if (ecuId === undefined) continue;
    if (seen.has(ecuId)) throw new RefusedUpdate('wrong-ecu', `the Director names ${ecuId} twice`);
    seen.add(ecuId);
  }
}

function requireOnBoard({ path, ecuId, hardwareId, releaseCounter }: Assignment, ecus: readonly KnownEcu[]): void {
  const ecu = ecus.find((it) => it.ecuId === ecuId);
  if (ecu === undefined) throw new RefusedUpdate('wrong-ecu', `${path} is for ${ecuId ?? 'no ECU'}, not on board`);
  if (hardwareId !== ecu.hardwareId) {
    throw new RefusedUpdate('wrong-hardware', `${path} is for ${hardwareId}, ${ecu.ecuId} is ${ecu.hardwareId}`);
  }
  if ((releaseCounter ?? 0) < ecu.releaseCounter) {
    const detail = `${path} has release counter ${releaseCounter ?? 0}, ${ecu.ecuId} has ${ecu.releaseCounter}`;
    throw new RefusedUpdate('rollback', detail);
  }
}

/** Step 11.3.3: nor against what the Director wanted before, whether or not it came to be installed. */
function requireNoneFalls(all: readonly Assignment[], before: readonly Assignment[]): void {
  for (const { ecuId, releaseCounter } of all) {
    const known = before.find((it) => it.ecuId === ecuId && ecuId !== undefined)?.releaseCounter;
    if (known !== undefined && (releaseCounter ?? 0) < known) {
      throw new RefusedUpdate('rollback', `${ecuId} falls from release counter ${known} to ${releaseCounter ?? 0}`);
    }
  }
}

/** A name that leads nowhere but below the place it is read from. */
export function requirePlainPath(path: string): void {
  const plain = path.length <= 512 && path.split('/').every((it) => /^[^\\?#%\p{Cc}]+$/u.test(it) && !/^\.+$/.test(it));
  if (!plain) throw new RefusedUpdate('malformed', `${JSON.stringify(path.slice(0, 80))} is no name of an image`);
}
