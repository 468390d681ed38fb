import { applyDecorators, Catch, type RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';

/** Identifies the transport, so that handlers of other transports in the same application are left alone. */
export const TOCSIN_KAFKA = Symbol('tocsin-kafka');

/**
 * Lets an error through as it was thrown. Nest's default filter would replace every error that is not its own by
 * "Internal server error", and with it the family that decides about retrying.
 */
@Catch()
class ErrorAsThrown implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks a controller method as the handler of a topic's records. It receives a `RecordBatch` (and, as `@Ctx()`, a
 * `BatchContext`), and follows the contract of `HandleBatch`.
 *
 * @param topic the name of a topic, or a pattern in which `*` stands for one part between dots or the rest of one
 * (`tocsin.channel.*.v1`); the strategy's list of topics says which topics are read
 */
export function BatchHandler(topic: string): MethodDecorator {
  const listens: MethodDecorator = EventPattern([topic], TOCSIN_KAFKA);
  return applyDecorators(listens, UseFilters(new ErrorAsThrown()));
}
