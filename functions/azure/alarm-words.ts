/** What a line of the app's log begins with when somebody has to look: the alarms of `cdk/azure/alerts.ts` seek it. */
export const alarmWords = {
  /** Nobody could take an event; it lies in the poison queue. */
  poison: 'device events: poison',
  /** Every post is refused until somebody mends clock or key. */
  refused: 'device events: signature refused',
} as const;
