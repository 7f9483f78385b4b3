/** What is said of the failures around campaigns and updates; part of the problem catalogue. */
export const campaignFailures = {
  'campaign-not-found': {
    kind: 'not-found',
    when: 'There is no such campaign among those of the client’s brands.',
    remedy: 'List them with `GET /v1/campaigns`.',
  },
  'release-not-known': {
    kind: 'unacceptable',
    when: 'The campaign names a release that is not among those of the client’s brands.',
    remedy: 'Take one of `GET /v1/releases`.',
  },
  'release-not-approved': {
    kind: 'conflict',
    when: 'The campaign’s release is not approved, or not any more.',
    remedy: 'Have the release approved by two; a withdrawn one never is again.',
  },
  'own-campaign': {
    kind: 'forbidden',
    when: 'The client that has drafted the campaign would approve it.',
    remedy: 'Let two others approve it, each with a token of their own.',
  },
  'campaign-not-approved': {
    kind: 'conflict',
    when: 'Fewer than two have approved the campaign.',
    remedy: 'Let two approve it who did not draft it.',
  },
  'campaign-not-estimated': {
    kind: 'conflict',
    when: 'The campaign would start without anybody’s knowing whom it reaches.',
    remedy: 'Ask for an estimate and look at it.',
  },
  'campaign-targets-nobody': {
    kind: 'conflict',
    when: 'The estimate found no vehicle that the campaign is for.',
    remedy: '`estimate.others` counts why not; draft another campaign.',
  },
  'campaigns-collide': {
    kind: 'conflict',
    when: 'A campaign of the same priority that has begun wants the same control units of vehicles that both ask for.',
    remedy: 'Draft it with another priority: the higher one comes first.',
  },
  'campaign-over': {
    kind: 'conflict',
    when: 'The end of the campaign’s schedule has passed before it was started.',
    remedy: 'Draft a campaign with a later end.',
  },
  'campaign-begun': {
    kind: 'conflict',
    when: 'What can be asked of a draft is asked of a campaign that has begun.',
    remedy: 'Read its statistics.',
  },
  'campaign-draft': {
    kind: 'conflict',
    when: 'The campaign is not approved yet, which does not allow the change.',
    remedy: 'Read the campaign; take the steps in order.',
  },
  'campaign-approved': {
    kind: 'conflict',
    when: 'The campaign is approved and not started, which does not allow the change.',
    remedy: 'Read the campaign; take the steps in order.',
  },
  'campaign-running': {
    kind: 'conflict',
    when: 'The campaign is running, which does not allow the change.',
    remedy: 'Read the campaign; take the steps in order.',
  },
  'campaign-paused': {
    kind: 'conflict',
    when: 'The campaign is paused, which does not allow the change.',
    remedy: 'Read the campaign; take the steps in order.',
  },
  'campaign-stopped': {
    kind: 'conflict',
    when: 'The campaign is stopped, which does not allow the change.',
    remedy: 'Read the campaign; take the steps in order.',
  },
  'campaign-cancelled': {
    kind: 'conflict',
    when: 'The campaign is cancelled, which is final, which does not allow the change.',
    remedy: 'Draft another campaign.',
  },
  'campaign-closed': {
    kind: 'conflict',
    when: 'The campaign is closed, which does not allow the change.',
    remedy: 'Draft another campaign.',
  },
  'update-not-found': {
    kind: 'not-found',
    when: 'The vehicle has no update of this campaign.',
    remedy: 'List what it has.',
  },
  'update-over': {
    kind: 'conflict',
    when: 'The update is installed, failed, cancelled or removed, and stays so.',
    remedy: 'Nothing: read what came of it.',
  },
  'update-not-offered': {
    kind: 'conflict',
    when: 'It is not this vehicle’s turn yet.',
    remedy: 'Wait until it is offered.',
  },
  'update-installing': {
    kind: 'conflict',
    when: 'The control units are being written, and nobody interrupts that.',
    remedy: 'Wait for the result.',
  },
  'update-not-failed': {
    kind: 'conflict',
    when: 'The update has neither failed nor fallen silent: there is nothing to be tried again.',
    remedy: 'Wait for its result.',
  },
  'offer-changed': {
    kind: 'stale',
    when: 'The `revision` is not that of the present offer: it was decided of, retried or offered anew meanwhile.',
    remedy: 'Read the offer again and decide of it.',
  },
  'offer-withdrawn': {
    kind: 'conflict',
    when: 'The campaign was stopped or cancelled.',
    remedy: 'Wait until it is offered again.',
  },
  'operator-consents': {
    kind: 'forbidden',
    when: 'For vehicles of a fleet the operator consents, not a person.',
    remedy: 'Ask the operator.',
  },
  'owner-consents': {
    kind: 'forbidden',
    when: 'For this vehicle its owner or driver consents, and nobody in their place.',
    remedy: 'Let them decide, on the screen or in the app.',
  },
  'another-update': {
    kind: 'conflict',
    when: 'The vehicle is busy with another update.',
    remedy: 'Decide when that one is over.',
  },
  'recall-not-muted': {
    kind: 'conflict',
    when: 'The update belongs to a recall.',
    remedy: 'Decline it, or choose a time for it.',
  },
  'window-not-possible': {
    kind: 'unacceptable',
    when: 'The time window is over, shorter than a minute, or more than 30 days ahead.',
    remedy: 'Name another one.',
  },
} as const;
