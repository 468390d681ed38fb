import { isRetractionReason, rejection, RETRACTION_REASONS, type RetractionReason } from '#libs/domain';

/** The document of a retraction: a typed reason, and which signals when not all of the advisory's. */
export interface RetractionRequest {
  reason: RetractionReason;
  /** Signals to take back, as `{type, value}`; absent: everything the advisory says. */
  signals?: { type: string; value: string }[];
  /** Only these channels (a narrowing); absent: all. */
  channels?: string[];
}

/** Format id under which retractions are stored as submissions. */
export const RETRACTION_FORMAT = 'tocsin-retraction';

const MOST_SIGNALS = 10_000;

function isSignal(value: unknown): value is { type: string; value: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'value' in value &&
    typeof value.value === 'string' &&
    value.value.length <= 8192
  );
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
  const { reason, signals, channels, ...others } = given as Record<string, unknown>;
  if (Object.keys(others).length > 0) return problem('a retraction says reason, signals and channels, nothing else');
  if (typeof reason !== 'string' || !isRetractionReason(reason)) {
    return problem(`reason must be one of ${Object.keys(RETRACTION_REASONS).join(', ')}`);
  }
  if (
    signals !== undefined &&
    !(Array.isArray(signals) && signals.length > 0 && signals.length <= MOST_SIGNALS && signals.every(isSignal))
  ) {
    return problem(`signals must be 1 to ${MOST_SIGNALS} objects with type and value`);
  }
  if (
    channels !== undefined &&
    !(
      Array.isArray(channels) &&
      channels.length > 0 &&
      channels.length <= 20 &&
      channels.every((id) => typeof id === 'string')
    )
  ) {
    return problem('channels must be 1 to 20 channel ids');
  }
  return { reason, signals, channels };
}
