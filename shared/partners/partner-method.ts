import { isOperatorId, type OperatorId } from '../sharing/sharing-id.ts';

const prefix = 'partner:';

/** How a partner's customers pay: the partner does. A payment method like any other, but none that a person can name: theirs have no colon. */
export function partnerMethod(operatorId: OperatorId, clientId: string): string {
  return `${prefix}${operatorId}:${clientId}`;
}

/** Whose account it is; undefined for what persons pay by. */
export function payerOf(
  paymentMethod: string,
): { readonly operatorId: OperatorId; readonly clientId: string } | undefined {
  if (!paymentMethod.startsWith(prefix)) return undefined;
  const end = paymentMethod.indexOf(':', prefix.length);
  const operatorId = paymentMethod.slice(prefix.length, end);
  return end > 0 && isOperatorId(operatorId) ? { operatorId, clientId: paymentMethod.slice(end + 1) } : undefined;
}
