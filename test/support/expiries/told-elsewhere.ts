/** An end that another test tells of, nearer to what decides it. */
export interface ToldElsewhere {
  readonly end: string;
  readonly file: string;
  /** The test's title. */
  readonly title: string;
}

const told = (end: string, file: string, ...titles: readonly string[]): readonly ToldElsewhere[] =>
  titles.map((title) => ({ end, file: `test/${file}`, title }));

/** With the table of `every-expiry.ts`, these are all the ends that time brings. */
export const toldElsewhere: readonly ToldElsewhere[] = [
  // Who somebody is.
  ...told(
    'the lock of a name after wrong passwords: 1 s to 15 min',
    'local/identity/sign-in.test.ts',
    'locks a name after five wrong passwords, for longer each time, whether it exists or not',
    'lets a name in that was locked in a future which the clock was set back from',
  ),
  ...told(
    'what is signed by SigV4: 15 min; a signed address: as it says',
    'local/gateway/signature.test.ts',
    'expires after fifteen minutes, and does not come from the future',
    'is accepted until it expires',
  ),
  // What the API remembers.
  ...told(
    'an empty quota: until its tokens are back',
    'shared/access/quota-service.test.ts',
    'a client that waits as it is told gets through, also where the clock was set back by hours',
  ),
  ...told(
    'what is held against a client: 1 min to 1 h shut out, 2 min on trial, a day until it is forgiven',
    'shared/access/quota-service.test.ts',
    'a client that never waits is shut out for a growing time, in every instance, and then watched closely',
    'who was shut out in a future that the clock was set back from begins anew',
  ),
  ...told(
    'what a function remembers of a quota: 30 s',
    'functions/api/quotas.test.ts',
    'an operator gives a client more, and it is noticed within half a minute',
  ),
  ...told(
    'the tries of a person at all cars: 1 h',
    'functions/api/ownership.test.ts',
    'whoever sprays codes over vehicles is stopped, and goes on when the hour is over',
  ),
  // Long work.
  ...told(
    'the lease of a run of an import or export: until the run must be gone',
    'shared/transfers/task.test.ts',
    'keeps others out until whoever took it must be gone, and not a moment longer',
    'holds nobody up that is from a future which the clock was set back from',
  ),
  ...told(
    'an import or export that stands still: 1 h',
    'shared/transfers/task.test.ts',
    'an export that says nothing for an hour came to a standstill, and stays failed where the clock is set back',
  ),
  ...told(
    'an upload in parts that nobody ends: a day',
    'local/s3/changes.test.ts',
    'the lifecycle takes objects and forgotten uploads away when their days are over',
  ),
  ...told(
    'the pause of an erasure: 15 min, of a person 65 min',
    'shared/erasure/erasure-worker.test.ts',
    'a pause in a future that the clock was set back from begins anew, and is none for ever',
  ),
  // Vehicles.
  ...told(
    'a certificate: until 2049, as AWS has it',
    'journeys/certificate-expiry.test.ts',
    'a certificate opens until its end by the clock of the cloud, and again where that clock runs back',
  ),
  ...told(
    'the certificate’s last days: 30, of which an operator is told',
    'shared/registry/expiry-watch.test.ts',
    'active vehicles whose certificate expires within thirty days, or has expired, are counted',
    'time that runs back finds them valid again',
  ),
  ...told(
    'a change of the certificate that nobody confirms: 7 days',
    'journeys/rotation.test.ts',
    'certificates that near their end are counted by the clock of the cloud, and an unconfirmed change lapses',
  ),
  ...told(
    'the next certificate’s place: 10 min',
    'shared/registry/rotation.test.ts',
    'to a second key, until the reservation of the first has passed',
  ),
  ...told(
    'the former certificate, on board: 14 days',
    'device-sdk/rotation.test.ts',
    'the former certificate is forgotten once the cloud must have given up whatever it did not want',
  ),
  ...told(
    'a command, on board: as it says',
    'device-sdk/vehicle.test.ts',
    'that has expired by the time of the cloud does nothing, whatever the own clock says',
  ),
  ...told(
    'a command of a future that is taken back',
    'shared/commands/expiry-service.test.ts',
    'of a command from a future that the clock was set back from ends it at once',
  ),
  ...told(
    'being gone for a moment: 10 s',
    'functions/api/commands.test.ts',
    'when the vehicle has been offline for more than ten seconds, and not before',
  ),
  // The broker.
  ...told(
    'a message that nobody acknowledges: again after 30 s, for 1 h',
    'local/iot/broker/redelivery.test.ts',
    'a message that is not acknowledged comes again every half minute, until it is',
    'after an hour it is given up, and the next one has its place',
    'a message that was sent in a future which the clock was set back from comes again, and is given up after its hour',
  ),
  ...told(
    'a session over a restart',
    'local/iot/broker/restart.test.ts',
    'a session whose time ran out meanwhile is gone, with its messages',
    'a session of a future that the clock was set back from waits no longer than it was to',
  ),
  ...told(
    'silence: one and a half times of what was agreed',
    'local/iot/broker/sessions.test.ts',
    'cuts a silent client after one and a half times of it',
  ),
  ...told(
    'the delay of a will',
    'local/iot/broker/sessions.test.ts',
    'with a delay is taken back by a client that returns in time',
  ),
  ...told(
    'a WebSocket: a day; its signed address: as it says',
    'local/iot/broker/web-socket.test.ts',
    'ends after a day of the cloud, however lively it is',
    'is refused when it is old, for another service, or not signed',
  ),
  ...told(
    'the version of a shadow that was deleted: 48 h',
    'local/iot/shadows/shadow-service.test.ts',
    'a deleted shadow answers its last version and goes on with it for 48 hours',
  ),
  ...told(
    'the execution of a job: as long as the job and its device say, 7 days at most',
    'local/iot/jobs/timers.test.ts',
    'each step timer replaces the one before, and none outlives that of the whole',
    'no timer waits for a future that the clock was set back from, also over a restart',
  ),
  ...told(
    'the start, the end and the windows of a job: as it says; its next thousand things: a minute',
    'local/iot/jobs/schedule.test.ts',
    'a scheduled job begins at its time, not before, also after a restart',
    'at its end a job that cancels by force cancels what is under way',
    'what a window did not suffice for waits for the next one',
  ),
  ...told(
    'a presigned address in the document of a job: as the job says',
    'local/iot/jobs/data-plane.test.ts',
    'a document comes from S3, and its placeholders become addresses that open for a while',
  ),
  // What carries messages.
  ...told(
    'a message of a queue: hidden as long as it says, gone after 4 or 14 days',
    'local/queues/queue.test.ts',
    'hides a received message for its visibility timeout',
    'keeps a delayed message back, and wakes who waits for it',
    'forgets what is older than its retention',
  ),
  ...told(
    'an event for a function: tried for as long as it says',
    'local/lambda/asynchronous-events.test.ts',
    'a failing event is tried three times, after one and two minutes, then is a dead letter',
    'an event that found no room waits without losing an attempt, until it is too old',
  ),
  ...told(
    'a schedule: daily',
    'local/events/service.test.ts',
    'fires a schedule by the local clock',
    'fires a schedule again soon after the clock was set back from a future in which it had fired',
  ),
  ...told(
    'any timer of the local cloud',
    'local/clock.test.ts',
    'a timer fires when the clock is moved over its time, and stays fired when it is set back',
    'what was set ahead of time waits no longer than it was set for when the clock is set back',
  ),
  // Software for vehicles.
  ...told(
    'a Director’s Timestamp: 10 min to begin an installation, 1 h for anything',
    'device-sdk/ota/verification/update-verifier.test.ts',
    'an install begins with a Timestamp of the last ten minutes only, a download with any that holds',
    'without secure time nothing is verified, and time that runs back is no time',
    'a Timestamp from the future does not stay fresh for ever',
  ),
  ...told(
    'a grant to read images and metadata: 1 h',
    'journeys/downloads.test.ts',
    'a grant that KMS signed opens the folder of one release at the edge, for an hour',
  ),
  ...told(
    'the address for an image of a release: 1 h',
    'local/gateway/signature.test.ts',
    'is accepted until it expires',
  ),
];
