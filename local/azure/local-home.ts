/** The home that a local cloud has beside its AWS IoT, as somebody would write it into `cdk.json`. */
export const localHome = {
  name: 'vw-weu',
  brands: ['audi'],
  hub: 'fleetloom-dev-weu.azure-devices.net',
  scope: '0ne0000AB12',
  tenantId: '7f0c2a54-6c1e-4a83-9d0b-2f6f1f9b7a11',
  clientId: '2b9d5f7e-3a40-4c7a-8e52-6d1c0a9e4f22',
} as const;
