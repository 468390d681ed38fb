import type { PeerClient } from '#libs/access';

/** The other services as the console calls them. */
export class Peers {
  constructor(
    readonly intake: PeerClient,
    readonly normaliser: PeerClient,
    readonly delivery: PeerClient,
    readonly platformApi: PeerClient,
  ) {}
}
