import {
  createParamDecorator,
  Inject,
  Injectable,
  mixin,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import type { Request } from 'express';
import { rejection } from '#libs/domain';
import { noteForLog } from '#libs/runtime';
import { Authenticator } from './authenticator.js';
import { InternalVerifier } from './internal-tokens.js';
import type { InternalIssuer } from './key-purposes.js';
import type { Principal } from './principal.js';
import { RememberedKeys } from './remembered-keys.js';

const principals = new WeakMap<object, Principal>();

function admit(request: object, principal: Principal): void {
  principals.set(request, principal);
  const { personId, organisationId, keyId } = principal;
  noteForLog(request, { person_id: personId, organisation_id: organisationId, key_id: keyId });
}

/** Lets a request in that carries a person's key. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(@Inject(Authenticator) private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    admit(request, await this.authenticator.authenticate(request.headers.authorization));
    return true;
  }
}

/** Lets a request in that carries a person's key, as a bearer's or as the password of HTTP Basic. */
@Injectable()
export class KeyOrPasswordGuard implements CanActivate {
  constructor(@Inject(RememberedKeys) private readonly keys: RememberedKeys) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    admit(request, await this.keys.authenticate(request.headers.authorization, changes));
    return true;
  }
}

/** Lets a request in that one of these services signed for this one. */
export function InternalGuard(...allowed: InternalIssuer[]): Type<CanActivate> {
  @Injectable()
  class Guard implements CanActivate {
    constructor(@Inject(InternalVerifier) private readonly verifier: InternalVerifier) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const request = context.switchToHttp().getRequest<Request>();
      const { principal } = await this.verifier.verify(request.headers.authorization, allowed);
      if (principal) admit(request, principal);
      return true;
    }
  }
  return mixin(Guard);
}

/** The person of a request that a guard let in. */
export function principalOf(request: object): Principal {
  const principal = principals.get(request);
  if (!principal) throw rejection('TOC_ACCESS_UNAUTHENTICATED', 'nobody is named on whose behalf this is asked');
  return principal;
}

/** Parameter decorator: the person on whose behalf the request is made. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest<Request>()),
);
