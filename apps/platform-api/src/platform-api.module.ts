import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { Authenticator, InternalVerifier, PeerClient, RememberedKeys } from '#libs/access';
import { RequestPipe } from '#libs/runtime';
import { LookUpQuota } from './answer-look-ups/look-up-quota.js';
import { LookUpWithdrawals } from './answer-look-ups/look-up-withdrawals.js';
import { LookUps } from './answer-look-ups/look-ups.js';
import { LookUpsController } from './answer-look-ups/look-ups.controller.js';
import { ClosingStatementsController } from './close-duties/closing-statements.controller.js';
import { ClosingStatements } from './close-duties/closing-statements.js';
import { Channels } from './entitle-platform/channels.js';
import { UnconfirmedController } from './list-unconfirmed/unconfirmed.controller.js';
import { UnconfirmedRows } from './list-unconfirmed/unconfirmed-rows.js';
import { NamingsController } from './name-answers/namings.controller.js';
import { ReportPages } from './read-reports/report-pages.js';
import { ReportsController } from './read-reports/reports.controller.js';
import { ChangePages } from './read-changes/change-pages.js';
import { ChangesController } from './read-changes/changes.controller.js';
import { FeedBell } from './read-changes/feed-bell.js';
import { ReadSlots } from './read-changes/read-slots.js';
import { WithdrawalPages } from './read-withdrawals/withdrawal-pages.js';
import { WithdrawalsController } from './read-withdrawals/withdrawals.controller.js';
import { HashPages } from './serve-hashes/hash-pages.js';
import { HashesController } from './serve-hashes/hashes.controller.js';
import { CollectionPages } from './serve-taxii/collection-pages.js';
import { Collections } from './serve-taxii/collections.js';
import { FeedbackCollection } from './serve-taxii/feedback-collection.js';
import { TaxiiController } from './serve-taxii/taxii.controller.js';
import { TaxiiObjects } from './serve-taxii/taxii-objects.js';
import { SignedCursors } from './signed-cursors.js';
import { ChallengeReferences } from './take-challenges/challenge-references.js';
import { ChallengeTaker, DeskQuota } from './take-challenges/challenge-taker.js';
import { ChallengesController } from './take-challenges/challenges.controller.js';
import { DeskController } from './take-challenges/desk.controller.js';
import { FeedbackController } from './take-feedback/feedback.controller.js';
import { MispSightingsController } from './take-feedback/misp-sightings.controller.js';
import { FeedbackQuota } from './take-feedback/feedback-day.js';
import { FeedbackReader } from './take-feedback/feedback-reader.js';
import { FeedbackTaker } from './take-feedback/feedback-taker.js';
import { PreviewController } from './preview-subscriptions/preview.controller.js';
import { PreviewReader } from './preview-subscriptions/preview-reader.js';
import {
  ResearchProofsController,
  ResearchReleasesController,
} from './publish-research/research-releases.controller.js';
import { ResearchReleases } from './publish-research/research-releases.js';
import { HoldersController } from './tell-holders/holders.controller.js';
import { HolderReader } from './tell-holders/holders.js';
import { HoldingReader } from './tell-holders/holdings.js';
import { AdvisoryReachController } from './tell-reach/advisory-reach.controller.js';
import { AdvisoryReachReader } from './tell-reach/advisory-reach.js';
import { ReachController } from './tell-reach/reach.controller.js';
import { ReachReader } from './tell-reach/reach.js';
import { RetractionReachReader } from './tell-reach/retraction-reach.js';
import { RetractionsController } from './tell-reach/retractions.controller.js';
import { RetractionLists } from './tell-reach/retractions.js';

/** What the use cases work with; made outside, so that a document can be written without any of it. */
export interface PlatformApiParts {
  database: DataSource;
  authenticator: Authenticator;
  cursors: SignedCursors;
  bell: FeedBell;
  slots: ReadSlots;
  objects: TaxiiObjects;
  quota: FeedbackQuota;
  lookUpQuota: LookUpQuota;
  desk: DeskQuota;
  references: ChallengeReferences;
  normaliser: PeerClient;
  verifier: InternalVerifier;
}

const CONTROLLERS: Type[] = [
  ...[ChangesController, WithdrawalsController, TaxiiController, HashesController],
  ...[FeedbackController, MispSightingsController, ReachController, LookUpsController, PreviewController],
  ...[NamingsController, ReportsController, UnconfirmedController],
  ...[RetractionsController, ClosingStatementsController, HoldersController, AdvisoryReachController],
  ...[ChallengesController, DeskController],
  ...[ResearchReleasesController, ResearchProofsController],
];
const SERVICES: Type[] = [
  ...[Channels, ChangePages, WithdrawalPages],
  ...[Collections, CollectionPages, HashPages, FeedbackCollection],
  ...[FeedbackTaker, FeedbackReader, ReachReader, PreviewReader, ReportPages, ChallengeTaker],
  ...[LookUps, LookUpWithdrawals],
  ...[RetractionReachReader, RetractionLists, ClosingStatements, HolderReader, HoldingReader],
  ...[ResearchReleases, UnconfirmedRows, AdvisoryReachReader],
];
/** What is made outside. */
const PARTS = [
  DataSource,
  Authenticator,
  RememberedKeys,
  SignedCursors,
  FeedBell,
  ReadSlots,
  TaxiiObjects,
  FeedbackQuota,
  LookUpQuota,
  DeskQuota,
  ChallengeReferences,
  PeerClient,
  InternalVerifier,
];

/** All routes of platform-api, each use case a controller. */
@Module({})
export class PlatformApiModule {
  static of(parts: PlatformApiParts): DynamicModule {
    const providers: Provider[] = [
      { provide: DataSource, useValue: parts.database },
      { provide: Authenticator, useValue: parts.authenticator },
      { provide: SignedCursors, useValue: parts.cursors },
      { provide: FeedBell, useValue: parts.bell },
      { provide: ReadSlots, useValue: parts.slots },
      { provide: TaxiiObjects, useValue: parts.objects },
      { provide: RememberedKeys, useValue: new RememberedKeys(parts.authenticator) },
      { provide: FeedbackQuota, useValue: parts.quota },
      { provide: LookUpQuota, useValue: parts.lookUpQuota },
      { provide: DeskQuota, useValue: parts.desk },
      { provide: ChallengeReferences, useValue: parts.references },
      { provide: PeerClient, useValue: parts.normaliser },
      { provide: InternalVerifier, useValue: parts.verifier },
      { provide: APP_PIPE, useClass: RequestPipe },
    ];
    return { module: PlatformApiModule, controllers: CONTROLLERS, providers: [...providers, ...SERVICES] };
  }

  /** The routes alone, for writing the OpenAPI document: nothing in it can be called. */
  static routes(): DynamicModule {
    const made = [...PARTS, ...SERVICES];
    const providers = made.map((provide) => ({ provide, useValue: {} }));
    return { module: PlatformApiModule, controllers: CONTROLLERS, providers };
  }
}
