/**
 * The closed list of error codes, by area. A code is a promise: it never changes its meaning and is never reused.
 * `family` carries the retry verdict: a `rejection` is the sender's to mend, a `transient` is retried for as long as
 * it lasts, a `fault` is ours and commits nothing. `status` is the HTTP status at the edge.
 */
export const ERROR_CODES = {
  TOC_ACCESS_UNAUTHENTICATED: { family: 'rejection', status: 401, title: 'No valid key was given' },
  TOC_ACCESS_FORBIDDEN: { family: 'rejection', status: 403, title: 'This key may not do that' },
  TOC_ACCESS_NOT_FOUND: { family: 'rejection', status: 404, title: 'There is no such object for this key' },
  TOC_ACCESS_SECOND_PERSON: { family: 'rejection', status: 403, title: 'A second person has to do this' },

  TOC_CHALLENGE_QUOTA: {
    family: 'transient',
    status: 429,
    title: 'The challenge desk has taken as much as it may for now',
  },
  TOC_CHANNEL_UNKNOWN: { family: 'rejection', status: 422, title: 'A named channel does not exist' },

  TOC_CONNECTOR_CHALLENGE: { family: 'rejection', status: 422, title: 'The endpoint did not prove its key' },
  TOC_CONNECTOR_EGRESS: { family: 'rejection', status: 422, title: 'The address may not be reached from here' },
  TOC_CONNECTOR_SETTINGS: { family: 'rejection', status: 422, title: 'The connector settings are not valid' },

  TOC_DATABASE_UNAVAILABLE: { family: 'transient', status: 503, title: 'The database does not answer' },
  TOC_DATABASE_CONFLICT: { family: 'transient', status: 503, title: 'A concurrent change was in the way' },

  TOC_EVENT_MALFORMED: { family: 'rejection', status: 422, title: 'A message on a topic cannot be read' },

  TOC_FAULT: { family: 'fault', status: 500, title: 'Something went wrong on our side' },

  TOC_FEEDBACK_NOT_DISCLOSED: { family: 'rejection', status: 422, title: 'No such row was disclosed to this platform' },
  TOC_FEEDBACK_PEOPLE_DATA: { family: 'rejection', status: 422, title: 'The text may identify a person' },
  TOC_FEEDBACK_QUOTA: {
    family: 'transient',
    status: 429,
    title: 'The platform has answered as much as it may in a day',
  },

  TOC_FILES_GONE: { family: 'rejection', status: 422, title: 'The place for files is gone for good' },
  TOC_FILES_UNAVAILABLE: { family: 'transient', status: 503, title: 'The folder for files cannot be written' },

  TOC_ITEM_CHANNEL: { family: 'rejection', status: 422, title: 'The item names a channel that does not exist' },
  TOC_ITEM_DUPLICATE_KEY: { family: 'rejection', status: 422, title: 'The object says one key twice' },
  TOC_ITEM_MALFORMED: { family: 'rejection', status: 422, title: 'The item is not well formed' },
  TOC_ITEM_MARKING: { family: 'rejection', status: 422, title: 'The marking is unknown or empty' },
  TOC_ITEM_NOT_OWNED: { family: 'rejection', status: 422, title: 'The object belongs to another agency' },
  TOC_ITEM_ORIGIN: { family: 'rejection', status: 422, title: 'The owner of the list did not permit this' },
  TOC_ITEM_PATTERN: { family: 'rejection', status: 422, title: 'The pattern cannot become a signal' },
  TOC_ITEM_REFUSED: { family: 'rejection', status: 422, title: 'A person decided against the item' },
  TOC_ITEM_REVOKED: {
    family: 'rejection',
    status: 422,
    title: 'The object was revoked before; revocation is permanent',
  },
  TOC_ITEM_STALE: { family: 'rejection', status: 422, title: 'A newer version of the object is held already' },
  TOC_ITEM_TIME: { family: 'rejection', status: 422, title: 'A time is missing, impossible or out of bounds' },
  TOC_ITEM_TOO_LONG: { family: 'rejection', status: 422, title: 'The item is longer than its bound' },
  TOC_ITEM_TYPE: { family: 'rejection', status: 422, title: 'The signal type is unknown or cannot be told' },
  TOC_ITEM_VALUE: { family: 'rejection', status: 422, title: 'The value is not a valid value of its type' },
  TOC_ITEM_VOCABULARY: { family: 'rejection', status: 422, title: 'A field says a word outside its vocabulary' },

  TOC_KAFKA_RECORD_REFUSED: { family: 'rejection', status: 422, title: 'Kafka will not take this record' },
  TOC_KAFKA_UNAVAILABLE: { family: 'transient', status: 503, title: 'Kafka does not answer' },

  TOC_LOOK_UP_PREFIX: {
    family: 'rejection',
    status: 400,
    title: 'The prefix is not one by which this channel is asked',
  },
  TOC_LOOK_UP_QUOTA: {
    family: 'transient',
    status: 429,
    title: 'The platform has looked up as much as it may for now',
  },

  TOC_PEER_UNAVAILABLE: { family: 'transient', status: 503, title: 'Another service does not answer' },

  TOC_REQUEST_CONFLICT: { family: 'rejection', status: 409, title: 'The object is not in a state that allows this' },
  TOC_REQUEST_CURSOR: { family: 'rejection', status: 400, title: 'The cursor is not valid here' },
  TOC_REQUEST_MALFORMED: { family: 'rejection', status: 400, title: 'The request cannot be read' },
  TOC_REQUEST_NOT_ACCEPTABLE: {
    family: 'rejection',
    status: 406,
    title: 'None of the accepted media types is given here',
  },
  TOC_REQUEST_PARAMETER: { family: 'rejection', status: 400, title: 'A parameter is not valid' },
  TOC_REQUEST_TOO_LARGE: { family: 'rejection', status: 413, title: 'The request is too large' },
  TOC_REQUEST_TOO_MANY: { family: 'transient', status: 503, title: 'Too many requests are under way' },
  TOC_REQUEST_TOO_SLOW: { family: 'rejection', status: 408, title: 'The request took too long to arrive' },

  TOC_SUBMISSION_ABOVE_LEVEL: {
    family: 'rejection',
    status: 422,
    title: 'A marking is above the level of this deployment',
  },
  TOC_SUBMISSION_CONTAINER: { family: 'rejection', status: 422, title: 'The container cannot be opened' },
  TOC_SUBMISSION_EMPTY: { family: 'rejection', status: 400, title: 'The submission has no bytes' },
  TOC_SUBMISSION_ENCODING: { family: 'rejection', status: 400, title: 'The bytes are not in a readable encoding' },
  TOC_SUBMISSION_FORMAT: { family: 'rejection', status: 415, title: 'The format is not one that can be read' },
  TOC_SUBMISSION_GZIP: { family: 'rejection', status: 400, title: 'The compressed bytes are broken' },
  TOC_SUBMISSION_IDEMPOTENCY: {
    family: 'rejection',
    status: 409,
    title: 'This idempotency key was used for something else',
  },
  TOC_SUBMISSION_MALFORMED: { family: 'rejection', status: 422, title: 'The document is not well formed' },
  TOC_SUBMISSION_MEDIA: { family: 'rejection', status: 422, title: 'The submission contains media' },
  TOC_SUBMISSION_NESTING: { family: 'rejection', status: 422, title: 'The document is nested too deeply' },
  TOC_SUBMISSION_PURGED: { family: 'rejection', status: 410, title: 'The bytes and their key were destroyed' },
  TOC_SUBMISSION_STOPPED: { family: 'transient', status: 503, title: 'Publishing is stopped for now' },
  TOC_SUBMISSION_UNDONE: { family: 'rejection', status: 410, title: 'Two operators undid the submission' },
  TOC_SUBMISSION_TOO_LARGE: { family: 'rejection', status: 413, title: 'The submission is larger than its bound' },
} as const satisfies Record<string, { family: ErrorFamily; status: number; title: string }>;

/** The three families of errors; they decide everything about retrying. */
export type ErrorFamily = 'rejection' | 'transient' | 'fault';

/** One of the codes in {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
