import { Injectable } from '@nestjs/common';
import { authorise, PeerClient, type Action, type Principal } from '#libs/access';

/** An advisory, as the normaliser tells it to its agency and to operators. */
export interface OwnedAdvisory {
  id: string;
  agency_id: string;
  state: string;
}

/** Tells whose an advisory is. */
@Injectable()
export class AdvisoryOwner {
  constructor(private readonly normaliser: PeerClient) {}

  /**
   * An advisory of the person's own agency, for what only its owner may do (I10).
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_ACCESS_FORBIDDEN`; a transient `TOC_PEER_UNAVAILABLE`
   */
  async own(principal: Principal, id: string, action: Extract<Action, `advisory:${string}`>): Promise<OwnedAdvisory> {
    // Who may not do this to any advisory is told so before anybody looks whether there is this one (I17).
    authorise(principal, action, { organisationId: principal.organisationId });
    const advisory = await this.find(principal, id);
    authorise(principal, action, { organisationId: advisory.agency_id });
    return advisory;
  }

  /** An advisory that the person may know of. @throws as {@link own} */
  find(principal: Principal, id: string): Promise<OwnedAdvisory> {
    return this.normaliser.request('GET', `/internal/advisories/${id}`, { principal });
  }
}
