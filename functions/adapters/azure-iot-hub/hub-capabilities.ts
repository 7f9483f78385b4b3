import type { Capabilities } from '#shared/vehicle-cloud/capabilities.ts';

/** A hub takes whatever the plant's authority has signed, and registers no certificate by itself. */
export const hubCapabilities: Capabilities = { rotation: false };
