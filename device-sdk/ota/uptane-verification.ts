import { signaturesOver } from '#shared/ota/uptane/signing.ts';
import type { EcuReport } from '#shared/vehicle-cloud/envelopes.ts';
import type { EcuState } from './ecu-installer.ts';
import type { Verification } from './preparation.ts';
import type { VerificationContext } from './update-settings.ts';
import { EcuReporter, type Installed, vehicleManifest } from './verification/ecu-reporter.ts';
import { type Fetch, grantedFiles, RetrievalFailed } from './verification/granted-files.ts';
import type { FactoryRoots } from './verification/trusted-metadata.ts';
import { UpdateVerifier } from './verification/update-verifier.ts';

export interface UptaneSettings {
  /** The first Root of each repository, put into the vehicle when it is made; asked for when it is first needed. */
  readonly roots: FactoryRoots | (() => Promise<FactoryRoots>);
  /** The control unit that the agent runs on: it signs for the whole vehicle. */
  readonly primary: string;
}

/**
 * Full verification by the Uptane Standard, with what it trusts in the vehicle's memory.
 *
 * @example updates: { ecus, body, verification: uptane({ roots, primary: 'gateway' }) }
 */
export function uptane({ roots, primary }: UptaneSettings) {
  return (context: VerificationContext): Verification => {
    const { storage, host, states, vehicleId, cloudTime, request } = context;
    const fetch: Fetch = (url, { signal }) => request(url, { headers: {}, signal });
    const repository = (answer: Parameters<UpdateVerifier['verify']>[0]) =>
      grantedFiles(answer.repository, fetch, host);
    let known: UpdateVerifier | undefined;
    const verifying = async () => {
      known ??= new UpdateVerifier({ storage, roots: typeof roots === 'function' ? await roots() : roots, repository });
      return known;
    };
    return {
      async manifest(requestId) {
        const verifier = await verifying();
        const time = (await cloudTime())?.latest ?? host.now();
        const attack = verifier.attacks.last();
        const reports = [];
        for (const [ecuId, state] of await states()) {
          const installed = installedOf(ecuId, state);
          if (installed === undefined) continue;
          const question = { nonce: requestId, time, ...(ecuId === primary && { attack }) };
          reports.push(await new EcuReporter(storage, ecuId).report(installed, question));
        }
        const directorRootVersion = verifier.directorRootVersion();
        const of = { vehicleId: vehicleId(), requestId, directorRootVersion };
        return await vehicleManifest({ ...of, primary: new EcuReporter(storage, primary), reports });
      },
      async verify(answer, { campaignId, purpose }) {
        const verifier = await verifying();
        const time = await cloudTime();
        // No attack but a tunnel: it is tried again.
        if (time === undefined) throw new RetrievalFailed("the cloud's time is not known");
        const ecus = [...(await states())].map(([ecuId, { hardwareId, releaseCounter }]) => {
          return { ecuId, hardwareId, releaseCounter };
        });
        // It answers the manifest that told of the last one.
        verifier.attacks.told();
        return await verifier.verify(answer, { purpose, campaignId, time, ecus });
      },
      sign: (statement) => signaturesOver(statement, [new EcuReporter(storage, primary).signer]),
    };
  };
}

function installedOf(ecuId: string, { hardwareId, slots, running }: EcuState): Installed | undefined {
  const runs = slots[running];
  if (runs.status === 'empty') return undefined;
  const { softwareVersion, releaseCounter, length, sha256 } = runs.software;
  const report: EcuReport = { ecuId, hardwareId, softwareVersion, releaseCounter };
  return { ...report, image: { filepath: `${ecuId}/${softwareVersion}`, fileinfo: { length, hashes: { sha256 } } } };
}
