import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AuthenticationGuard, Authenticator } from '#libs/access';
import { AdmissionsController } from './admit-organisations/admissions.controller.js';
import { AdmissionsService } from './admit-organisations/admissions.service.js';
import { OrganisationsController, PeopleController } from './admit-organisations/organisations.controller.js';
import { OrganisationsService } from './admit-organisations/organisations.service.js';
import { PeopleService } from './admit-organisations/people.service.js';
import { HoldsController } from './decide-holds/holds.controller.js';
import { ConfirmedWork } from './decide-together/confirmed-work.js';
import { ProposalsController } from './decide-together/proposals.controller.js';
import { ProposalsService } from './decide-together/proposals.service.js';
import { KeysController } from './issue-keys/keys.controller.js';
import { KeysService } from './issue-keys/keys.service.js';
import { ProtectedListsController } from './keep-protected-lists/protected-lists.controller.js';
import { ProtectedListsService } from './keep-protected-lists/protected-lists.service.js';
import { DeadLettersController } from './mend-dead-letters/dead-letters.controller.js';
import { DeadLettersService } from './mend-dead-letters/dead-letters.service.js';
import { ChannelsController } from './open-channels/channels.controller.js';
import { ChannelsService } from './open-channels/channels.service.js';
import { Peers } from './peers.js';
import { KafkaCredentialsController } from './provision-kafka/kafka-credentials.controller.js';
import { KafkaCredentialsService } from './provision-kafka/kafka-credentials.service.js';
import { KafkaTopics } from './provision-kafka/kafka-topics.js';
import { KafkaUpkeep } from './provision-kafka/kafka-upkeep.js';
import { KafkaUsers } from './provision-kafka/kafka-users.js';
import { ServiceProofs } from './prove-services/proof-of-service.js';
import { ServicesController } from './prove-services/services.controller.js';
import { ServicesService } from './prove-services/services.service.js';
import { AuditController } from './read-audit/audit.controller.js';
import { RequestPipe } from '#libs/runtime';
import { ResearchProofsController } from './prove-research/research-proofs.controller.js';
import { ChallengesController } from './review-challenges/challenges.controller.js';
import { DisputesController } from './settle-disputes/disputes.controller.js';
import { HoldersController } from './tell-holders/holders.controller.js';
import { ReachController } from './tell-reach/reach.controller.js';
import { RetractionsController } from './tell-reach/retractions.controller.js';
import { UndoPreviewController } from './undo-submitter/undo-preview.controller.js';
import { Registrar } from './subscribe/registrar.js';
import { SendAgainController } from './subscribe/send-again.controller.js';
import { SendAgainService } from './subscribe/send-again.service.js';
import { SubscriptionLifeService } from './subscribe/subscription-life.service.js';
import { SubscriptionStatusService } from './subscribe/subscription-status.service.js';
import { SubscriptionsController } from './subscribe/subscriptions.controller.js';
import { SubscriptionsService } from './subscribe/subscriptions.service.js';

/** What the use cases work with; made outside, so that a document can be written without any of it. */
export interface ConsoleParts {
  database: DataSource;
  authenticator: Authenticator;
  peers: Peers;
  users: KafkaUsers;
  topics: KafkaTopics;
  upkeep: KafkaUpkeep;
  work: ConfirmedWork;
  registrar: Registrar;
  proofs: ServiceProofs;
}

const MADE_OUTSIDE = [
  ...[DataSource, Authenticator, Peers, KafkaUsers, KafkaTopics, KafkaUpkeep],
  ...[ConfirmedWork, Registrar, ServiceProofs],
];

const CONTROLLERS = [
  OrganisationsController,
  AdmissionsController,
  PeopleController,
  KeysController,
  ChannelsController,
  SubscriptionsController,
  SendAgainController,
  ServicesController,
  KafkaCredentialsController,
  ProposalsController,
  ProtectedListsController,
  HoldsController,
  DisputesController,
  ChallengesController,
  ResearchProofsController,
  ReachController,
  HoldersController,
  RetractionsController,
  UndoPreviewController,
  DeadLettersController,
  AuditController,
];

const SERVICES = [
  OrganisationsService,
  AdmissionsService,
  PeopleService,
  KeysService,
  ChannelsService,
  SubscriptionsService,
  SubscriptionLifeService,
  SubscriptionStatusService,
  SendAgainService,
  ServicesService,
  KafkaCredentialsService,
  ProposalsService,
  ProtectedListsService,
  DeadLettersService,
];

/** Every route asks for a key; what the key may do, each use case asks of the one authorisation function. */
@Module({})
export class ConsoleModule {
  static of(parts: ConsoleParts): DynamicModule {
    const made: Provider[] = [
      { provide: DataSource, useValue: parts.database },
      { provide: Authenticator, useValue: parts.authenticator },
      { provide: Peers, useValue: parts.peers },
      { provide: KafkaUsers, useValue: parts.users },
      { provide: KafkaTopics, useValue: parts.topics },
      { provide: KafkaUpkeep, useValue: parts.upkeep },
      { provide: ConfirmedWork, useValue: parts.work },
      { provide: Registrar, useValue: parts.registrar },
      { provide: ServiceProofs, useValue: parts.proofs },
    ];
    return {
      module: ConsoleModule,
      controllers: CONTROLLERS,
      providers: [
        ...made,
        ...SERVICES,
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_PIPE, useClass: RequestPipe },
      ],
    };
  }

  /** The routes alone, for writing the OpenAPI document in Nest's preview mode, which makes nothing. */
  static routes(): DynamicModule {
    const outside = MADE_OUTSIDE.map((provide) => ({ provide, useFactory: () => undefined }));
    return { module: ConsoleModule, controllers: CONTROLLERS, providers: [...outside, ...SERVICES] };
  }
}
