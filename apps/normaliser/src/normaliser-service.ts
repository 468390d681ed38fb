import type { DynamicModule } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { InternalSigner, InternalVerifier, KeyRing, PeerClient } from '#libs/access';
import { RowIds } from '#libs/domain';
import { createKafkaClient, serviceConnection, TocsinKafkaStrategy, type KafkaClient } from '#libs/messaging';
import { LANE_NAMES, openDatabase, query } from '#libs/persistence';
import { BackgroundLoop, type ServiceDefinition, type ServiceParts } from '#libs/runtime';
import { DocumentWork } from './assert-documents/document-work.js';
import { OpenDocuments } from './assert-documents/open-documents.js';
import type { NormaliserConfig } from './config.js';
import { OutcomePeriods } from './count-outcomes/outcome-periods.js';
import { OutcomesController } from './count-outcomes/outcomes.controller.js';
import { DecidedDoubts } from './doubt-others/decided-doubts.js';
import { Doubts } from './doubt-others/doubts.js';
import { DoubtsController } from './doubt-others/doubts.controller.js';
import { ReviewClock } from './ask-first/review-clock.js';
import { RowExpiry } from './expire-rows/expire-rows.js';
import { Holds } from './hold-for-a-person/holds.js';
import { NORMALISER_DATABASE } from './injection.js';
import { InternalController } from './internal.controller.js';
import type { Job } from './job.js';
import { DirectoryReader } from './read-directory/directory-snapshot.js';
import { Namings } from './name-answers/namings.js';
import { NamingsController } from './name-answers/namings.controller.js';
import { Floods } from './notice-floods/floods.js';
import { JobParameters } from './read-documents/job-parameters.js';
import { DocumentReaders } from './read-documents/document-readers.js';
import { Challenges } from './review-challenges/challenges.js';
import { ChallengesController, PublicChallengesController } from './review-challenges/challenges.controller.js';
import { RebuildWork } from './rebuild-channels/rebuild-work.js';
import { FeedbackConsumer } from './receive-feedback/feedback.consumer.js';
import { SubmissionsConsumer } from './receive-submissions/submissions.consumer.js';
import { DeadLetters } from './replay-dead-letters/dead-letters.js';
import { Disputes } from './settle-disputes/disputes.js';
import { DisputeOutcomesController, DisputesController } from './settle-disputes/disputes.controller.js';
import { TakeBackWork } from './take-back/take-back-work.js';
import { WithheldRevisions } from './withhold-revisions/withheld-revisions.js';
import { ChunkPaces } from './work-through-jobs/chunk-pace.js';
import { ClaimedJobs } from './work-through-jobs/claimed-jobs.js';
import { JobWorker } from './work-through-jobs/job-worker.js';
import type { KindOfWork } from './work-through-jobs/kind-of-work.js';
import { UrgentWork } from './work-through-jobs/urgent-work.js';
import { UndoSubmitterController } from './undo-submitter/undo-submitter.controller.js';
import { Wakers } from './work-through-jobs/wakers.js';

class Normaliser {}

/** Which work a job asks for: its document, the taking back of assertions, or a rebuild. */
function workChooser(document: DocumentWork, takeBack: TakeBackWork, rebuild: RebuildWork): (job: Job) => KindOfWork {
  return (job) => {
    if (job.kind === 'rebuild') return rebuild;
    const takesBack = job.kind === 'retraction' || job.checkpoint?.at === 'sweep' || job.checkpoint?.at === 'take-back';
    return takesBack ? takeBack : document;
  };
}

function watchLanes(database: DataSource, { telemetry }: ServiceParts<NormaliserConfig>): void {
  const oldest = telemetry.gauge('normaliser_oldest_job_seconds', 'Age of the oldest submission that is not finished', [
    'lane',
  ]);
  telemetry.beforeScrape(async () => {
    const rows = await query<{ lane: number; age: number }>(
      database,
      `SELECT lane, extract(epoch FROM now() - min(received_at))::float8 AS age FROM normaliser.job
        WHERE state IN ('accepted', 'working') GROUP BY lane`,
    );
    for (const lane of [0, 1] as const)
      oldest.set({ lane: LANE_NAMES[lane] }, rows.find((row) => row.lane === lane)?.age ?? 0);
  });
}

function watchDisputes(database: DataSource, { telemetry }: ServiceParts<NormaliserConfig>): void {
  const open = telemetry.gauge('normaliser_disputes', 'Disputes that nobody has decided', ['overdue']);
  telemetry.beforeScrape(async () => {
    const [counted] = await query<{ overdue: number; in_time: number }>(
      database,
      `SELECT count(*) FILTER (WHERE due_at <= now())::integer AS overdue, count(*) FILTER (WHERE due_at > now())::integer AS in_time
         FROM normaliser.dispute WHERE state = 'open'`,
    );
    open.set({ overdue: 'yes' }, counted?.overdue ?? 0);
    open.set({ overdue: 'no' }, counted?.in_time ?? 0);
  });
}

/** Builds the normaliser: Kafka consumers that note submissions and disputes, workers that work through them, an internal interface. */
export async function defineNormaliser(
  parts: ServiceParts<NormaliserConfig>,
  readingThread?: URL,
): Promise<ServiceDefinition> {
  const { config, logger, telemetry, health } = parts;
  const database = await openDatabase({
    url: config.databaseUrl.reveal(),
    connections: config.databaseConnections,
    applicationName: 'tocsin-normaliser',
  }).initialize();
  const kafka: KafkaClient = createKafkaClient(serviceConnection(config, 'normaliser'), { logger });
  const intake = new PeerClient(config.intakeUrl, 'intake', InternalSigner.open(config.keysDir, 'normaliser'));
  const rowIds = new RowIds(KeyRing.open(config.keysDir, 'signal-id').newest().bytes);
  const directoryReader = new DirectoryReader(database);
  const readers = new DocumentReaders({ intakeUrl: config.intakeUrl, keysDir: config.keysDir }, readingThread);
  const parameters = new JobParameters(intake);
  const paces = new ChunkPaces({ most: config.chunkItems, milliseconds: config.chunkMilliseconds });
  const documents = new OpenDocuments(readers, directoryReader, parameters, paces, config.highestTlp, rowIds);
  const wakers = new Wakers();
  const deadLetters = new DeadLetters(database, kafka.producer(), documents, () => wakers.wake());
  const workFor = workChooser(
    new DocumentWork(database, documents, rowIds, new Floods(database)),
    new TakeBackWork(database, directoryReader, rowIds, parameters, paces.of('take-back'), intake),
    new RebuildWork(database, directoryReader, paces.of('rebuild')),
  );
  // Each lane claims over a connection of its own, so that the urgent never waits for the other's statement.
  const claims = ([0, 1] as const).map((lane) => new ClaimedJobs(database, lane));
  const urgent = new UrgentWork();
  const workers = claims.map(
    (ofLane) => new JobWorker(database, ofLane, workFor, wakers, urgent, { logger, telemetry }),
  );
  const loops = workers.map(
    (worker, lane) => new BackgroundLoop(`work-lane-${lane}`, () => worker.step(), { logger, telemetry }),
  );
  const expiry = new RowExpiry(database, directoryReader, paces.of('expiry'));
  loops.push(new BackgroundLoop('expire-rows', () => expiry.step(), { logger, telemetry }));
  const withheld = new WithheldRevisions(database, () => wakers.wake());
  loops.push(new BackgroundLoop('resume-revisions', () => withheld.step(), { logger, telemetry }));
  const holds = new Holds(database, documents, parameters, () => wakers.wake());
  const reviews = new ReviewClock(database, holds);
  loops.push(new BackgroundLoop('end-reviews', () => reviews.step(), { logger, telemetry }));
  const decided = new DecidedDoubts(database, directoryReader, paces.of('doubts'));
  loops.push(new BackgroundLoop('carry-out-doubts', () => decided.step(), { logger, telemetry }));
  const doubts = new Doubts(database, () => wakers.wake());
  const periods = new OutcomePeriods(database);
  loops.push(new BackgroundLoop('close-outcome-periods', () => periods.step(), { logger, telemetry }));
  wakers.add(() => loops.forEach((loop) => loop.wake()));
  const strategy = new TocsinKafkaStrategy({ client: kafka, groupId: 'tocsin-normaliser', deadLetters, logger });
  watchLanes(database, parts);
  watchDisputes(database, parts);
  health.addReadiness('database', () => query(database, 'SELECT 1'));

  const module: DynamicModule = {
    module: Normaliser,
    controllers: [
      ...[SubmissionsConsumer, FeedbackConsumer],
      ...[InternalController, DisputesController, DisputeOutcomesController, DoubtsController, UndoSubmitterController],
      ...[OutcomesController, NamingsController, ChallengesController, PublicChallengesController],
    ],
    providers: [
      { provide: NORMALISER_DATABASE, useValue: database },
      { provide: Wakers, useValue: wakers },
      { provide: OpenDocuments, useValue: documents },
      { provide: DirectoryReader, useValue: directoryReader },
      { provide: JobParameters, useValue: parameters },
      { provide: DeadLetters, useValue: deadLetters },
      { provide: InternalVerifier, useValue: InternalVerifier.open(config.keysDir, 'normaliser') },
      { provide: Holds, useValue: holds },
      { provide: Disputes, useValue: new Disputes(database, directoryReader) },
      { provide: Doubts, useValue: doubts },
      { provide: Challenges, useValue: new Challenges(database, directoryReader, rowIds) },
      { provide: Namings, useValue: new Namings(database) },
    ],
  };
  return {
    module,
    http: true,
    jsonBodies: (request) => !request.path.startsWith('/internal/previews'),
    strategies: [strategy],
    start: () => loops.forEach((loop) => loop.start()),
    drain: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
      await Promise.all(workers.map((worker) => worker.letGo()));
    },
    close: async () => {
      await readers.stop();
      await Promise.all(claims.map((ofLane) => ofLane.close()));
      await kafka.close();
      await database.destroy();
    },
  };
}
