/** What is said of the failures around releases; part of the problem catalogue. */
export const releaseFailures = {
  'release-not-found': {
    kind: 'not-found',
    when: 'There is no such release among those of the client’s brands.',
    remedy: 'List them with `GET /v1/releases`.',
  },
  'release-in-other-state': {
    kind: 'conflict',
    when: 'The release is not in the state that this step begins in.',
    remedy: 'Take the steps in order: upload, sign, approve twice. A withdrawn release stays so.',
  },
  'own-release': {
    kind: 'forbidden',
    when: 'The client that has written the release would approve it.',
    remedy: 'Let two others approve it, each with a token of their own.',
  },
  'files-missing': {
    kind: 'conflict',
    when: 'Files of the release are not there, or have another length or hash than it says.',
    remedy: 'Upload those that `errors` names; where the release is wrong, make another one.',
  },
  'images-not-signed': {
    kind: 'conflict',
    when: 'The published targets of the Image repository do not name every image, or say something else of it.',
    remedy: 'Sign Targets that name the images which `errors` names, and publish them.',
  },
  'unknown-hardware': {
    kind: 'unacceptable',
    when: 'An image is for a hardware id that the catalogue of the brand does not have, or has for another ECU.',
    remedy: 'Correct what `errors` names, or add the hardware with `POST /v1/hardware`.',
  },
  'hardware-known-otherwise': {
    kind: 'conflict',
    when: 'The catalogue has this hardware id with another ECU or another slot.',
    remedy: 'Compare; a part number never changes what it is.',
  },
  'ecu-twice': {
    kind: 'unacceptable',
    when: 'Two images are for the same ECU on the same hardware.',
    remedy: 'Leave one of them out.',
  },
  'image-too-large': {
    kind: 'unacceptable',
    when: 'An image is larger than a slot of the hardware that it is for, or than 5 GiB.',
    remedy: 'Make it smaller, or correct the hardware ids that `errors` names.',
  },
  'release-counter-falls': {
    kind: 'unacceptable',
    when: 'The release counter of an image is not above that of the last software approved for its hardware, and it is not the same image.',
    remedy: 'Give the image that `errors` names a higher counter.',
  },
  'files-contradict': {
    kind: 'unacceptable',
    when: 'Files with one hash have two lengths, or a delta starts from the image that it makes.',
    remedy: 'Correct what `errors` names.',
  },
  'dependency-cycle': {
    kind: 'unacceptable',
    when: 'The requirements between the images of a release go in a circle.',
    remedy: 'Leave out one of those that `errors` names: there must be an order of installation.',
  },
  'dependency-unmet': {
    kind: 'unacceptable',
    when: 'An image requires of another one a higher release counter than the release brings.',
    remedy: 'Correct the requirement, or bring the newer image.',
  },
  'rxswin-contradicts': {
    kind: 'unacceptable',
    when: 'An RXSWIN changes without a reference to the extended approval, or stays though there is one.',
    remedy: 'Correct the regulations that `errors` names.',
  },
  'malformed-metadata': {
    kind: 'invalid',
    when: 'The text is no metadata of this role: not JSON, of another `_type`, or without a member that the standard wants.',
    remedy: 'Correct what `detail` names.',
  },
  'metadata-unsigned': {
    kind: 'unacceptable',
    when: 'The metadata have no signature, or one that its key has not made or that does not count for this role.',
    remedy: 'Sign the canonical form of `signed` with the keys that Root, or the delegation, lists.',
  },
  'metadata-expired': {
    kind: 'unacceptable',
    when: 'The metadata have expired before they were published.',
    remedy: 'Sign them with a later `expires`.',
  },
  'metadata-version-wrong': {
    kind: 'conflict',
    when: 'The version is not the one after that which is published.',
    remedy: 'Read what is published, change that, and sign it as the next version.',
  },
  'other-version-pending': {
    kind: 'conflict',
    when: 'Another content of the same version waits for signatures.',
    remedy: 'Sign that one, or drop it with `DELETE …/pending`.',
  },
  'release-not-signable': {
    kind: 'conflict',
    when: 'Targets would newly vouch for a release whose files are not all uploaded, or that is withdrawn.',
    remedy: 'Complete the upload of a draft first; leave out what is withdrawn. `errors` names the releases.',
  },
  'target-disappears': {
    kind: 'conflict',
    when: 'A published target or delegated role would disappear or mean other bytes, and `removes` does not name it.',
    remedy: 'Take it in again, or name it in `removes`.',
  },
  'root-unusable': {
    kind: 'unacceptable',
    when: 'With this Root the platform could not go on: a threshold out of reach, or its online key in the wrong place.',
    remedy: 'Correct the roles that `errors` names; `GET /v1/repositories/{repository}` shows the online key.',
  },
  'delegation-unusable': {
    kind: 'unacceptable',
    when: 'A delegation has a threshold out of reach, or a role name that no file can have.',
    remedy: 'Correct what `errors` names.',
  },
  'role-not-delegated': {
    kind: 'not-found',
    when: 'No published Targets delegate to the role.',
    remedy: 'Publish Targets that delegate to it first.',
  },
  'role-not-offline': {
    kind: 'unacceptable',
    when: 'The Director’s Targets are made for each vehicle, and not brought.',
    remedy: 'Bring the Director’s Root alone.',
  },
  'repository-not-found': {
    kind: 'not-found',
    when: 'The repository has no Root yet, or the role was never published.',
    remedy: 'Make keys and a first Root: `fleetloom repository create`.',
  },
  'ecu-not-found': {
    kind: 'not-found',
    when: 'The Director knows nothing of the vehicle yet, or no control unit with this key waits to be accepted.',
    remedy: 'Read `GET /v1/vehicles/{vehicleId}/control-units` again.',
  },
  'nothing-pending': {
    kind: 'not-found',
    when: 'No version of the role waits for signatures.',
    remedy: 'Read what is published.',
  },
} as const;
