import { z } from 'zod';

/** What opens something, in any of the forms in which Azure hands it out. */
const secretText =
  /AccountKey=|SharedAccessKey=|SharedAccessSignature|[?&]sig=|-----BEGIN|\blist(?:Keys|Secrets|AccountSas)\b|InstrumentationKey=/i;
/** Names whose value is one, unless they end in what an identity-based connection is told. */
const secretName =
  /(?:KEY|SECRET|PASSWORD|TOKEN|CONNECTION_?STRING)$|^(?:AzureWebJobsStorage|EVENTS|WEBSITE_CONTENTAZUREFILECONNECTIONSTRING)$/i;
const reference = /@Microsoft\.KeyVault\(SecretUri=https:\/\//;
/** Flex Consumption refuses these: they stand in `functionAppConfig`. */
const takenAway =
  /^(?:FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_NODE_DEFAULT_VERSION|WEBSITE_RUN_.+)$/;

const appSetting = z
  .strictObject({ name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), value: z.string().min(1) })
  .superRefine(({ name, value }, context) => {
    const say = (message: string) => context.addIssue({ code: 'custom', path: ['value'], message });
    if (takenAway.test(name)) say(`${name} is no setting of a Flex Consumption app`);
    // The value itself must not stand in a log.
    if (secretText.test(value)) say(`${name} holds a secret: put it into the Key Vault and refer to it`);
    else if (secretName.test(name) && !reference.test(value)) say(`${name} must be a reference to the Key Vault`);
  });

/** What `functions/azure/settings.ts` and the host cannot do without. */
const needed = ['PLATFORM_URL', 'HOME_NAME', 'HUB_HOST_NAME', 'EVENT_KEY_ID', 'EVENT_KEY', 'EVENTS_NAME'];

export const appSettingsSchema = z.array(appSetting).superRefine((settings, context) => {
  const names = settings.map(({ name }) => name);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) < at) {
      context.addIssue({ code: 'custom', path: [at, 'name'], message: `${name} stands there twice` });
    }
  }
  for (const name of needed.filter((one) => !names.includes(one))) {
    context.addIssue({ code: 'custom', message: `${name} is missing` });
  }
});

export type AppSetting = z.infer<typeof appSetting>;

export function appSettings(settings: Readonly<Record<string, string>>): AppSetting[] {
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}
