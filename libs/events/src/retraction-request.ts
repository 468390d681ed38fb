import {
  canonicalise,
  isRetractionReason,
  isSignalType,
  rejection,
  RETRACTION_REASONS,
  type RetractionReason,
  type SignalType,
} from '#libs/domain';

/** The document of a retraction: a typed reason, and which signals when not all of the advisory's. */
export interface RetractionRequest {
  reason: RetractionReason;
  /** Signals to take back, in canonical spelling; absent: everything the advisory says. */
  signals?: { type: SignalType; value: string }[];
  /** Only these channels (a narrowing); absent: all. */
  channels?: string[];
  /**
   * Only what one object of this submission asserts, whatever advisory it belongs to: for the signals named. Without an id it
   * is what asserted them without one, as observables do.
   */
  object?: { submission: string; id?: string };
}

/** Format id under which retractions are stored as submissions. */
export const RETRACTION_FORMAT = 'tocsin-retraction';

const MOST_SIGNALS = 10_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CHANNEL = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A named signal in its canonical spelling; undefined when there is no such type or value. */
function readSignal(given: unknown): { type: SignalType; value: string } | undefined {
  if (typeof given !== 'object' || given === null || !('type' in given) || !('value' in given)) return undefined;
  const { type, value } = given;
  if (typeof type !== 'string' || !isSignalType(type) || typeof value !== 'string') return undefined;
  const canonical = canonicalise(type, value);
  return canonical.ok ? { type, value: canonical.value } : undefined;
}

function readObject(given: unknown): RetractionRequest['object'] {
  if (typeof given !== 'object' || given === null || !('submission' in given)) return undefined;
  const { submission, id } = given as { submission: unknown; id?: unknown };
  if (typeof submission !== 'string' || !UUID.test(submission)) return undefined;
  if (id === undefined) return { submission };
  return typeof id === 'string' && id.length <= 300 ? { submission, id } : undefined;
}

/**
 * Reads a retraction.
 * @throws a rejection `TOC_REQUEST_PARAMETER`
 */
export function readRetractionRequest(given: unknown): RetractionRequest {
  const problem = (detail: string): never => {
    throw rejection('TOC_REQUEST_PARAMETER', detail);
  };
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return problem('a retraction is a JSON object');
  const { reason, signals, channels, object, ...others } = given as {
    reason?: unknown;
    signals?: unknown[];
    channels?: unknown;
    object?: unknown;
  };
  if (Object.keys(others).length > 0) return problem('a retraction says reason, signals and channels, nothing else');
  if (typeof reason !== 'string' || !isRetractionReason(reason)) {
    return problem(`reason must be one of ${Object.keys(RETRACTION_REASONS).join(', ')}`);
  }
  if (signals !== undefined && !(Array.isArray(signals) && signals.length > 0 && signals.length <= MOST_SIGNALS)) {
    return problem(`signals must be 1 to ${MOST_SIGNALS} objects with type and value`);
  }
  // A signal that cannot exist is refused here: an officer must never believe undone what was not.
  const named = signals?.map(
    (signal, index) =>
      readSignal(signal) ?? problem(`signal ${index} has no known type, or its value is none of that type`),
  );
  if (
    channels !== undefined &&
    !(
      Array.isArray(channels) &&
      channels.length > 0 &&
      channels.length <= 20 &&
      channels.every((id) => typeof id === 'string' && CHANNEL.test(id))
    )
  ) {
    return problem('channels must be 1 to 20 channel ids');
  }
  const of = readObject(object);
  if (object !== undefined && !(of && named && !channels))
    return problem('an object is named with its submission and its signals, and without channels');
  return {
    reason,
    ...(of ? { object: of } : {}),
    ...(named ? { signals: named } : {}),
    ...(channels ? { channels: channels as string[] } : {}),
  };
}
