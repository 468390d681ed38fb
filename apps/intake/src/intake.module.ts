import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { Authenticator, InternalVerifier, KeyRing, PeerClient, RememberedKeys } from '#libs/access';
import { RequestPipe } from '#libs/runtime';
import { AcceptSubmissionController } from './accept-submission/accept-submission.controller.js';
import { SubmissionReceiver } from './accept-submission/submission-receiver.js';
import { CompleteSubmissionController } from './complete-submission/complete-submission.controller.js';
import { IntakeConfig } from './config.js';
import { DecideDoubtsController } from './decide-doubts/decide-doubts.controller.js';
import { DecideHoldsController } from './decide-holds/decide-holds.controller.js';
import { FollowAdvisoriesController } from './follow-advisories/follow-advisories.controller.js';
import { FollowRetractionsController } from './follow-retractions/follow-retractions.controller.js';
import { ReachPeer } from './follow-retractions/reach-peer.js';
import { SubmissionPreview } from './preview-submission/preview.js';
import { ContainerOpener } from './open-containers/container-opener.js';
import { PreviewSubmissionController } from './preview-submission/preview-submission.controller.js';
import { ReadSubmissionController } from './read-submission/read-submission.controller.js';
import { SubmissionReader } from './read-submission/submission-reader.js';
import { ByteKeeper } from './serve-parts/byte-keeper.js';
import { ServePartsController } from './serve-parts/serve-parts.controller.js';
import { AgencyPages } from './serve-taxii/agency-pages.js';
import { AgencyTaxiiController } from './serve-taxii/agency-taxii.controller.js';
import { ObjectDeletion } from './serve-taxii/object-deletion.js';
import { SubmittedStatus } from './serve-taxii/submitted-status.js';
import { ChallengesController } from './review-challenges/challenges.controller.js';
import { DisputesController } from './settle-disputes/disputes.controller.js';
import { OutcomesController } from './tell-outcomes/outcomes.controller.js';
import { AdvisoryOwner } from './take-back-advisory/advisory-owner.js';
import { DecidedRetractionController } from './take-back-advisory/decided-retraction.controller.js';
import { Retractions } from './take-back-advisory/retractions.js';
import { TakeBackAdvisoryController } from './take-back-advisory/take-back-advisory.controller.js';

/** What the use cases work with; made outside, so that a document can be written without any of it. */
export interface IntakeParts {
  config: IntakeConfig;
  database: DataSource;
  authenticator: Authenticator;
  keys: RememberedKeys;
  /** Of submissions. */
  wrappingKeys: KeyRing;
  verifier: InternalVerifier;
  normaliser: PeerClient;
  platformApi: PeerClient;
  receiver: SubmissionReceiver;
  keeper: ByteKeeper;
  containers: ContainerOpener;
}

const CONTROLLERS: Type[] = [
  PreviewSubmissionController,
  AcceptSubmissionController,
  ReadSubmissionController,
  CompleteSubmissionController,
  TakeBackAdvisoryController,
  DecideHoldsController,
  DisputesController,
  OutcomesController,
  ChallengesController,
  DecideDoubtsController,
  FollowAdvisoriesController,
  FollowRetractionsController,
  ServePartsController,
  DecidedRetractionController,
  AgencyTaxiiController,
];

const SERVICES: Type[] = [
  SubmissionReader,
  SubmissionPreview,
  AdvisoryOwner,
  Retractions,
  AgencyPages,
  SubmittedStatus,
  ObjectDeletion,
];

/** All routes of intake, each use case a controller. */
@Module({})
export class IntakeModule {
  static of(parts: IntakeParts): DynamicModule {
    const providers: Provider[] = [
      { provide: IntakeConfig, useValue: parts.config },
      { provide: DataSource, useValue: parts.database },
      { provide: Authenticator, useValue: parts.authenticator },
      { provide: RememberedKeys, useValue: parts.keys },
      { provide: KeyRing, useValue: parts.wrappingKeys },
      { provide: InternalVerifier, useValue: parts.verifier },
      { provide: PeerClient, useValue: parts.normaliser },
      { provide: ReachPeer, useValue: new ReachPeer(parts.platformApi) },
      { provide: SubmissionReceiver, useValue: parts.receiver },
      { provide: ByteKeeper, useValue: parts.keeper },
      { provide: ContainerOpener, useValue: parts.containers },
      { provide: APP_PIPE, useClass: RequestPipe },
    ];
    return { module: IntakeModule, controllers: CONTROLLERS, providers: [...providers, ...SERVICES] };
  }

  /** The routes alone, for writing the OpenAPI document: nothing in it can be called. */
  static routes(): DynamicModule {
    const made = [
      DataSource,
      Authenticator,
      RememberedKeys,
      KeyRing,
      InternalVerifier,
      PeerClient,
      ReachPeer,
      IntakeConfig,
      SubmissionReceiver,
      ByteKeeper,
      ContainerOpener,
      ...SERVICES,
    ];
    const providers = made.map((provide) => ({ provide, useValue: {} }));
    return { module: IntakeModule, controllers: CONTROLLERS, providers };
  }
}
