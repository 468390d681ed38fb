import { rejection } from '#libs/domain';

/** The reason that every decision of a person gives. @throws a rejection `TOC_REQUEST_PARAMETER` */
export function reasonIn(body: unknown): string {
  const reason: unknown = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : undefined;
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 1000) {
    throw rejection('TOC_REQUEST_PARAMETER', 'a reason of 1 to 1000 characters is asked for');
  }
  return reason;
}
