import type {
  ApiKey,
  Channel,
  KafkaUser,
  Organisation,
  Person,
  Proposal,
  ProtectedList,
  Service,
  Subscription,
} from '#libs/persistence';

type Leaf = string | number | boolean | bigint | null | undefined | Date | Buffer;

/**
 * The data that a class describes, without being made by it. Classes stand here for tables and for parts of the OpenAPI
 * document; what is read, changed and answered are plain objects of their shape.
 */
export type Plain<Class> = Class extends Leaf
  ? Class
  : Class extends readonly (infer Element)[]
    ? Plain<Element>[]
    : Class extends object
      ? { [Name in keyof Class]: Plain<Class[Name]> }
      : Class;

/** Rows of the directory. */
export type OrganisationRow = Plain<Organisation>;
export type PersonRow = Plain<Person>;
export type ApiKeyRow = Plain<ApiKey>;
export type ChannelRow = Plain<Channel>;
export type SubscriptionRow = Plain<Subscription>;
export type KafkaUserRow = Plain<KafkaUser>;
export type ProposalRow = Plain<Proposal>;
export type ServiceRow = Plain<Service>;
export type ProtectedListRow = Plain<ProtectedList>;
