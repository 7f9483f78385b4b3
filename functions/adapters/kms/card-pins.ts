import type { KMSClient } from '@aws-sdk/client-kms';
import type { PinSafe } from '#shared/sharing/care/card-service.ts';
import { KmsRootSecret } from './root-secret.ts';
import { Seal } from './seal.ts';

/** A PIN that is put with another vehicle cannot be read. */
export class KmsCardPins implements PinSafe {
  readonly #seal: Seal;

  constructor(client: KMSClient, keyId: string) {
    this.#seal = new Seal(new KmsRootSecret(client, keyId, 'fleetloom pins of cards, 1'));
  }

  seal(vehicleId: string, pin: string): Promise<string> {
    return this.#seal.seal(pin, vehicleId);
  }

  open(vehicleId: string, sealed: string): Promise<string> {
    return this.#seal.open(sealed, vehicleId);
  }
}
