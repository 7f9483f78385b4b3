import type { Identity } from '#device-sdk/certification.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import type { CloudFile } from '#local/cloud-file.ts';

/** Whether the device cloud lets in who has this identity. */
export function knock({ mqtt }: CloudFile, identity: Identity): Promise<'let in' | 'refused'> {
  const { vehicleId: clientId, certificatePem, privateKeyPem } = identity;
  return new Promise((resolve) => {
    const line = awsIot(mqtt).connect(
      { clientId, certificatePem, privateKeyPem, sessionExpiry: 0 },
      {
        connected: () => void line.close().then(() => resolve('let in')),
        refused: (_, denied) => {
          if (denied) void line.close().then(() => resolve('refused'));
        },
        disconnected: () => {},
        message: () => {},
      },
    );
  });
}
