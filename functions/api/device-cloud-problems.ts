/** What is said of the failures on the way to a vehicle: twins, commands, its device cloud; part of the problem catalogue. */
export const deviceCloudFailures = {
  'twin-not-acceptable': {
    kind: 'invalid',
    when: 'The settings are nested too deeply, a list holds a null, or a name or a text is none that every device cloud takes.',
    remedy: 'Flatten the settings; to remove one, send null as its value.',
  },
  'twin-reserved': {
    kind: 'forbidden',
    when: 'The platform itself speaks with the vehicle through this twin.',
    remedy: 'Use another name; a change of certificate is asked for with `POST …/certificate-rotation`.',
  },
  'twin-not-found': {
    kind: 'not-found',
    when: 'The vehicle has no twin of this name.',
    remedy: 'Make one by changing what is desired.',
  },
  'twin-changed': {
    kind: 'stale',
    when: '`desired` is no longer what the `If-Match` of the request stands for.',
    remedy: 'Read the twin again and decide anew.',
  },
  'twin-too-large': {
    kind: 'too-large',
    when: 'The twin’s desired and reported settings would take more than 8 KB together.',
    remedy: 'Use a twin for each subject.',
  },
  'command-not-found': {
    kind: 'not-found',
    when: 'The vehicle got no such command.',
    remedy: 'List the vehicle’s commands.',
  },
  'vehicle-offline': {
    kind: 'conflict',
    when: 'The vehicle is not connected: a command could not reach it in time.',
    remedy: 'Wait until it is connected; what it should be is better said in a twin.',
  },
  'hub-not-answering': {
    kind: 'unavailable',
    when: 'The device cloud of the vehicle does not answer. A change may have been made all the same.',
    remedy: 'Look, or send the same request again after `Retry-After`, with the same Idempotency-Key.',
  },
  'hub-throttled': {
    kind: 'unavailable',
    when: 'The device cloud of the vehicle takes no more for now. Nothing was changed.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
  'certificate-unknown': {
    kind: 'unavailable',
    when: 'A device cloud does not know, or know yet, the certificate with which a vehicle is to come to it.',
    remedy: 'Nothing: it is tried again by itself.',
  },
  'vehicle-queue-full': {
    kind: 'unavailable',
    when: 'The vehicle is away, and its device cloud keeps as many messages for it as it can.',
    remedy: 'Wait until the vehicle was online, or until what waits has expired.',
  },
} as const;
