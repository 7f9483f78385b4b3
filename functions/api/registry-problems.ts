/** What is said of the failures around what the registry knows of vehicles; part of the problem catalogue. */
export const registryFailures = {
  'vehicle-erased': {
    kind: 'not-found',
    when: 'The data of the vehicle have been erased; it was one of the client’s brands.',
    remedy: 'Read the proof of the erasure that `resolution` names.',
  },
  'vehicle-not-found': {
    kind: 'not-found',
    when: 'There is no such vehicle among those of the client’s brands.',
    remedy: 'Look the vehicle up with `GET /v1/vehicles`.',
  },
  'import-not-found': {
    kind: 'not-found',
    when: 'This client started no such import, or more than 30 days ago.',
    remedy: 'Start one; another client’s import cannot be seen.',
  },
  'export-not-found': {
    kind: 'not-found',
    when: 'This client started no such export, or more than 30 days ago.',
    remedy: 'Start one; another client’s export cannot be seen.',
  },
  'vin-already-registered': {
    kind: 'conflict',
    when: 'The VIN is registered with another brand, model, market or device key.',
    remedy: 'Look the vehicle up by its VIN and compare; a registration is never changed by another.',
  },
  'vehicle-expected': {
    kind: 'conflict',
    when: 'The vehicle is registered and has not provisioned itself yet.',
    remedy: 'Wait until it is `active`.',
  },
  'vehicle-provisioned': {
    kind: 'conflict',
    when: 'The vehicle has its certificate and has not connected with it yet.',
    remedy: 'Wait until it is `active`.',
  },
  'vehicle-suspended': {
    kind: 'conflict',
    when: 'The vehicle is cut off for a time.',
    remedy: 'Reactivate it first.',
  },
  'vehicle-moving': {
    kind: 'conflict',
    when: 'The vehicle is on its way from one device cloud to another, or came less than an hour ago.',
    remedy: 'Take the move back while it has not arrived, or wait until `GET` of the vehicle shows no `move`.',
  },
  'vehicle-arrived': {
    kind: 'conflict',
    when: 'The vehicle is where it was sent: there is nothing to take back.',
    remedy: 'Once `GET` of the vehicle shows no `move`, an hour later, move it to where it was.',
  },
  'vehicle-installing': {
    kind: 'conflict',
    when: 'The vehicle is installing an update.',
    remedy: 'Wait until it has said how that ended.',
  },
  'vehicle-on-trip': {
    kind: 'conflict',
    when: 'Somebody has the shared vehicle, or holds it.',
    remedy: 'Wait until the trip has ended.',
  },
  'certificate-changing': {
    kind: 'conflict',
    when: 'The vehicle is changing its certificate.',
    remedy: 'Wait until it has connected with the new one.',
  },
  'home-unknown': {
    kind: 'unacceptable',
    when: 'The deployment has no device cloud of this name.',
    remedy: 'Take one of those that the problem names.',
  },
  'vehicle-not-retired': {
    kind: 'conflict',
    when: 'The vehicle is not retired, and would go on reporting.',
    remedy: 'Retire it first; retirement is final.',
  },
  'vehicle-retired': {
    kind: 'conflict',
    when: 'The vehicle is cut off for good.',
    remedy: 'Nothing: retirement is final. Its VIN can be registered as a new vehicle once its data are erased.',
  },
  'rotation-not-offered': {
    kind: 'conflict',
    when: 'The vehicle is at home in a device cloud in which certificates are not changed over its line.',
    remedy: 'Have its plant give it another certificate.',
  },
  'vehicle-not-provisioned': {
    kind: 'conflict',
    when: 'The device cloud does not know the vehicle yet.',
    remedy: 'Wait until it is `active`.',
  },
} as const;
