import { Authenticator, InternalSigner, InternalVerifier, KeyRing, PeerClient } from '#libs/access';
import { openDatabase } from '#libs/persistence';
import { LookUpQuota } from './answer-look-ups/look-up-quota.js';
import { TAXII_ERRORS } from '#libs/taxii';
import { BackgroundLoop, type ServiceDefinition, type ServiceParts } from '#libs/runtime';
import type { PlatformApiConfig } from './config.js';
import { DutyClock } from './follow-word-ends/duty-clock.js';
import { ReachFollower } from './follow-word-ends/reach-follower.js';
import { PlatformApiModule } from './platform-api.module.js';
import { FeedBell } from './read-changes/feed-bell.js';
import { ReadSlots } from './read-changes/read-slots.js';
import { TaxiiObjects } from './serve-taxii/taxii-objects.js';
import { ResearchPublisher } from './publish-research/research-releases.js';
import { ChallengeReferences } from './take-challenges/challenge-references.js';
import { DeskQuota } from './take-challenges/challenge-taker.js';
import { ChallengeHandOver } from './take-challenges/hand-over.js';
import { FeedbackQuota } from './take-feedback/feedback-day.js';
import { SignedCursors } from './signed-cursors.js';

export const OPENAPI = {
  title: 'Tocsin platform API',
  description:
    'Platforms fetch what was published for them and what was taken back, and answer it. Every call carries `Authorization: Bearer <key>`; ' +
    'every error is a problem document (RFC 9457) with a stable code.',
};

/** No statement may take so long; one that does is given up, and the reader comes again. */
const STATEMENT_MS = 30_000;

/** Puts platform-api together: its database, the key of its cursors, and a bell that rings when there is something new. */
export async function definePlatformApi(parts: ServiceParts<PlatformApiConfig>): Promise<ServiceDefinition> {
  const { config, logger, telemetry, health } = parts;
  const url = config.databaseUrl.reveal();
  const database = openDatabase({
    url,
    connections: config.databaseConnections,
    applicationName: 'tocsin-platform-api',
    statementTimeoutMs: STATEMENT_MS,
  });
  await database.initialize();
  health.addReadiness('database', async () => {
    await database.query('SELECT 1');
  });
  const clock = new DutyClock(config.confirmHours, config.confirmUrgentHours);
  const follower = new ReachFollower(database, clock, { logger, telemetry });
  const bell = new FeedBell(url, { logger, telemetry });
  const cursors = new SignedCursors(KeyRing.open(config.keysDir, 'cursor-signing'));
  const normaliser = new PeerClient(
    config.normaliserUrl,
    'normaliser',
    InternalSigner.open(config.keysDir, 'platform-api'),
  );
  const handOver = new ChallengeHandOver(database, normaliser);
  const publisher = new ResearchPublisher(database);
  const loops = [
    new BackgroundLoop('hand-over-challenges', () => handOver.step(), { logger, telemetry }),
    new BackgroundLoop('publish-research', () => publisher.step(), { logger, telemetry }),
  ];
  return {
    module: PlatformApiModule.of({
      database,
      authenticator: new Authenticator(database),
      cursors,
      bell,
      verifier: InternalVerifier.open(config.keysDir, 'platform-api'),
      normaliser,
      slots: new ReadSlots(config.readsOfAPlatform),
      objects: new TaxiiObjects(config.exchangeName, config.publicUrl),
      quota: new FeedbackQuota(config.feedbackADay, config.disputesADay),
      lookUpQuota: new LookUpQuota(config.lookUpWalkHours),
      desk: new DeskQuota(config.challengesADay, config.challengesOfAnAddress, config.proxies),
      references: new ChallengeReferences(cursors),
    }),
    http: true,
    openapi: OPENAPI,
    errorForms: [TAXII_ERRORS],
    start: () => {
      for (const loop of loops) loop.start();
      bell.start();
      follower.start();
    },
    drain: async () => {
      await Promise.all([bell.stop(), follower.stop(), ...loops.map((loop) => loop.stop())]);
    },
    close: () => database.destroy(),
  };
}
