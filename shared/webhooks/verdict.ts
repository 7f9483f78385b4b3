/** What came of one call, as the line tells it. */
export type CallOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** By its media type, or by how it begins. */
      readonly isPage: boolean;
    }
  | { readonly kind: 'failed'; readonly reason: CallFault };

export type CallFault =
  /** Not answered in full within the time. */
  | 'receiver-timeout'
  /** Nobody listens there, or the line broke. */
  | 'receiver-unreachable'
  /** Its name does not lead anywhere. */
  | 'receiver-unknown'
  /** Its name leads to an address that is none of the public network. */
  | 'receiver-address-refused'
  /** It does not prove to be who it says. */
  | 'receiver-certificate'
  /** What it said is not HTTP. */
  | 'receiver-nonsense';

/** What the outcome means for the delivery. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly status?: number }
  | { readonly kind: 'gone'; readonly status?: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly status?: number };

/** Standard Webhooks, "Responses": 2xx is delivered, 410 ends the subscription, everything else is a failure. */
export function verdictOf(outcome: CallOutcome): Verdict {
  if (outcome.kind === 'failed') return outcome;
  const { status, isPage } = outcome;
  if (status === 410) return { kind: 'gone', status };
  // A page of a proxy or a parked domain: nobody has taken the message.
  if (status >= 200 && status < 300) {
    return isPage ? { kind: 'failed', reason: 'receiver-answered-page', status } : { kind: 'delivered', status };
  }
  const reason = status >= 300 && status < 400 ? 'receiver-redirects' : 'receiver-answered-error';
  return { kind: 'failed', reason, status };
}

const pageStart = /^[\s\ufeff]*<(?:!doctype\s+html|html|head|body)\b/i;

/** @param beginning the first bytes of the body, as text */
export function isPage(contentType: string, beginning: string): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType) || pageStart.test(beginning);
}
