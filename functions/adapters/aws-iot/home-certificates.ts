import { setTimeout } from 'node:timers/promises';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  type CertificateStatus,
  DeleteCertificateCommand,
  DeleteConflictException,
  DescribeCertificateCommand,
  DetachThingPrincipalCommand,
  type IoTClient,
  ListThingPrincipalsCommand,
  RegisterCertificateWithoutCACommand,
  ResourceAlreadyExistsException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ifThere } from './if-there.ts';

/** AWS IoT takes "several seconds" until a detached certificate counts as such (API reference, DetachThingPrincipal). */
const detachment = { attempts: 10, pause: 1_000 };

interface Described {
  readonly certificatePem: string;
  readonly status: CertificateStatus;
}

/** Certificates by their ARNs, as they hang on things. */
export class HomeCertificates {
  readonly #client: IoTClient;

  constructor(client: IoTClient) {
    this.#client = client;
  }

  async find(certificateId: string): Promise<Described | undefined> {
    const call = this.#client.send(new DescribeCertificateCommand({ certificateId }));
    const { certificatePem, status } = (await ifThere(call))?.certificateDescription ?? {};
    return certificatePem === undefined || status === undefined ? undefined : { certificatePem, status };
  }

  /** Whatever authority has signed it. It opens nothing yet, unless it did before. @returns its ARN */
  async register(certificatePem: string): Promise<string> {
    const { arn } = await this.#registered(certificatePem);
    if (arn === undefined) throw new Error('AWS IoT did not name the certificate');
    return arn;
  }

  async #registered(certificatePem: string): Promise<{ readonly arn: string | undefined }> {
    const registration = new RegisterCertificateWithoutCACommand({ certificatePem, status: 'INACTIVE' });
    try {
      return { arn: (await this.#client.send(registration)).certificateArn };
    } catch (error) {
      if (error instanceof ResourceAlreadyExistsException) return { arn: error.resourceArn };
      throw error;
    }
  }

  /** @returns false where there is no such thing (any more) */
  async attach(thingName: VehicleId, principal: string, policies: readonly string[]): Promise<boolean> {
    for (const policyName of policies)
      await this.#client.send(new AttachPolicyCommand({ policyName, target: principal }));
    const attached = await ifThere(this.#client.send(new AttachThingPrincipalCommand({ thingName, principal })));
    return attached !== undefined;
  }

  async of(thingName: VehicleId): Promise<readonly string[]> {
    const found: string[] = [];
    for (let nextToken: string | undefined; ; ) {
      const page = await ifThere(this.#client.send(new ListThingPrincipalsCommand({ thingName, nextToken })));
      found.push(...(page?.principals ?? []));
      if (page?.nextToken === undefined) return found;
      nextToken = page.nextToken;
    }
  }

  async activate(principal: string): Promise<void> {
    await this.#become(principal, 'ACTIVE');
  }

  /** One that was revoked opens nothing, and stays so. */
  async deactivate(principal: string): Promise<void> {
    if ((await this.find(idIn(principal)))?.status === 'ACTIVE') await this.#become(principal, 'INACTIVE');
  }

  /** With the policies that are attached to it. It must not be active. */
  async remove(thingName: VehicleId, principal: string): Promise<void> {
    await ifThere(this.#client.send(new DetachThingPrincipalCommand({ thingName, principal })));
    for (let attempt = 1; ; attempt += 1) {
      try {
        const removal = new DeleteCertificateCommand({ certificateId: idIn(principal), forceDelete: true });
        await ifThere(this.#client.send(removal));
        return;
      } catch (error) {
        if (!(error instanceof DeleteConflictException) || attempt === detachment.attempts) throw error;
        await setTimeout(detachment.pause);
      }
    }
  }

  async #become(principal: string, newStatus: CertificateStatus): Promise<void> {
    await this.#client.send(new UpdateCertificateCommand({ certificateId: idIn(principal), newStatus }));
  }
}

function idIn(principal: string): string {
  return principal.slice(principal.lastIndexOf('/') + 1);
}
