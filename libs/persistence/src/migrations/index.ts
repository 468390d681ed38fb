import { Directory1700000000001 } from './1700000000001-directory.js';
import { Intake1700000000002 } from './1700000000002-intake.js';
import { Normaliser1700000000003 } from './1700000000003-normaliser.js';
import { FeedAndDelivery1700000000004 } from './1700000000004-feed-and-delivery.js';
import { ReadersOfTopics1700000000005 } from './1700000000005-readers-of-topics.js';
import { PastMarkingsByStatement1700000000006 } from './1700000000006-past-markings-by-statement.js';
import { LoweredCeilings1700000000007 } from './1700000000007-lowered-ceilings.js';
import { ProposalsForGood1700000000008 } from './1700000000008-proposals-for-good.js';
import { OpenedContainers1700000000009 } from './1700000000009-opened-containers.js';
import { ListPermissions1700000000010 } from './1700000000010-list-permissions.js';
import { LicencesAndServices1700000000011 } from './1700000000011-licences-and-services.js';
import { ItemsADay1700000000012 } from './1700000000012-items-a-day.js';
import { NearHashes1700000000013 } from './1700000000013-near-hashes.js';
import { AskFirst1700000000014 } from './1700000000014-ask-first.js';
import { SignalsADay1700000000015 } from './1700000000015-signals-a-day.js';
import { AskAllHolders1700000000016 } from './1700000000016-ask-all-holders.js';
import { PlatformApi1700000000017 } from './1700000000017-platform-api.js';
import { DatesOfPositions1700000000018 } from './1700000000018-dates-of-positions.js';
import { Feedback1700000000019 } from './1700000000019-feedback.js';
import { Doubts1700000000020 } from './1700000000020-doubts.js';
import { UndoSubmitter1700000000021 } from './1700000000021-undo-submitter.js';
import { AgencyCollections1700000000022 } from './1700000000022-agency-collections.js';
import { LookUps1700000000023 } from './1700000000023-look-ups.js';
import { ProofOfReach1700000000024 } from './1700000000024-proof-of-reach.js';
import { Outcomes1700000000025 } from './1700000000025-outcomes.js';
import { AttemptsAndAdmissions1700000000026 } from './1700000000026-attempts-and-admissions.js';
import { Challenges1700000000035 } from './1700000000035-challenges.js';
import { EndpointNotices1700000000036 } from './1700000000036-endpoint-notices.js';
import { OnceNamed1700000000039 } from './1700000000039-once-named.js';
import { FullFilesAndMails1700000000040 } from './1700000000040-full-files-and-mails.js';
import { Research1700000000041 } from './1700000000041-research.js';
import { ReachOfAdvisories1700000000042 } from './1700000000042-reach-of-advisories.js';

/** All migrations, oldest first. A released one never changes; a change is a new one. */
export const MIGRATIONS = [
  Directory1700000000001,
  Intake1700000000002,
  Normaliser1700000000003,
  FeedAndDelivery1700000000004,
  ReadersOfTopics1700000000005,
  PastMarkingsByStatement1700000000006,
  LoweredCeilings1700000000007,
  ProposalsForGood1700000000008,
  OpenedContainers1700000000009,
  ListPermissions1700000000010,
  LicencesAndServices1700000000011,
  ItemsADay1700000000012,
  NearHashes1700000000013,
  AskFirst1700000000014,
  SignalsADay1700000000015,
  AskAllHolders1700000000016,
  PlatformApi1700000000017,
  DatesOfPositions1700000000018,
  Feedback1700000000019,
  Doubts1700000000020,
  UndoSubmitter1700000000021,
  AgencyCollections1700000000022,
  LookUps1700000000023,
  ProofOfReach1700000000024,
  Outcomes1700000000025,
  AttemptsAndAdmissions1700000000026,
  Challenges1700000000035,
  EndpointNotices1700000000036,
  OnceNamed1700000000039,
  FullFilesAndMails1700000000040,
  Research1700000000041,
  ReachOfAdvisories1700000000042,
];
