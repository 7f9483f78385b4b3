import type { UrlRules } from '#shared/webhooks/address-rules.ts';
import { optionalSetting } from '../environment.ts';

/** No stack sets it: only a cloud on a developer's machine does, whose functions call receivers there. */
export function webhookUrlRules(): UrlRules {
  return { allowLoopback: optionalSetting('WEBHOOK_ALLOW_LOOPBACK') === 'yes' };
}
