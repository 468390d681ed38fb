import { Authenticator, InternalSigner, InternalVerifier, KeyRing, PeerClient, RememberedKeys } from '#libs/access';
import { openDatabase } from '#libs/persistence';
import type { ServiceDefinition, ServiceParts } from '#libs/runtime';
import { TAXII_ERRORS } from '#libs/taxii';
import { IntakeMetrics } from './accept-submission/intake-metrics.js';
import { SubmissionReceiver } from './accept-submission/submission-receiver.js';
import { SubmissionStore } from './accept-submission/submission-store.js';
import { Announcements } from './announce-again/announcements.js';
import { levelsOf, type IntakeConfig } from './config.js';
import { ByteEraser } from './erase-bytes/byte-eraser.js';
import { IntakeModule } from './intake.module.js';
import { ContainerOpener } from './open-containers/container-opener.js';
import { ByteKeeper, countUnderOldKeys } from './serve-parts/byte-keeper.js';

export const OPENAPI = {
  title: 'Tocsin intake',
  description:
    'Agencies submit advisories, follow what became of them, complete, revise and take them back, and decide about holds and disputes. ' +
    'Every call carries `Authorization: Bearer <key>`; every error is a problem document (RFC 9457) with a stable code.',
};

/** Bodies that are documents keep their stream; only what is small by its nature is parsed before the route. */
function hasJsonBody({ method, path }: { method: string; path: string }): boolean {
  const small = ['/internal/', '/v1/holds', '/v1/disputes'];
  return method === 'PATCH' || small.some((prefix) => path.startsWith(prefix));
}

/** Puts intake together: its database, its keys, and its way to the normaliser. */
export async function defineIntake(parts: ServiceParts<IntakeConfig>): Promise<ServiceDefinition> {
  const { config, logger, telemetry, health } = parts;
  const database = openDatabase({
    url: config.databaseUrl.reveal(),
    connections: config.databaseConnections,
    applicationName: 'tocsin-intake',
  });
  await database.initialize();
  health.addReadiness('database', async () => {
    await database.query('SELECT 1');
  });
  const wrappingKeys = KeyRing.open(config.keysDir, 'submission-wrapping');
  const signer = InternalSigner.open(config.keysDir, 'intake');
  const normaliser = new PeerClient(config.normaliserUrl, 'normaliser', signer);
  const underOldKeys = telemetry.gauge(
    'submissions_under_old_keys',
    'Submissions whose bytes need an older wrapping key',
  );
  telemetry.beforeScrape(async () => underOldKeys.set(await countUnderOldKeys(database, wrappingKeys)));
  const store = new SubmissionStore(database, wrappingKeys);
  const metrics = new IntakeMetrics(telemetry);
  const containers = new ContainerOpener(levelsOf(config));
  const announcements = new Announcements(database, logger, telemetry);
  const eraser = new ByteEraser(database, normaliser, announcements, config.keepBytesHours, { logger, telemetry });
  const authenticator = new Authenticator(database);
  return {
    module: IntakeModule.of({
      config,
      database,
      authenticator,
      keys: new RememberedKeys(authenticator),
      wrappingKeys,
      verifier: InternalVerifier.open(config.keysDir, 'intake'),
      normaliser,
      platformApi: new PeerClient(config.platformApiUrl, 'platform-api', signer),
      receiver: new SubmissionReceiver(database, store, config, levelsOf(config), containers, metrics, logger),
      containers,
      keeper: new ByteKeeper(database, wrappingKeys, logger),
    }),
    http: true,
    jsonBodies: hasJsonBody,
    openapi: OPENAPI,
    errorForms: [TAXII_ERRORS],
    start: () => eraser.start(),
    drain: () => eraser.stop(),
    close: () => database.destroy(),
  };
}
