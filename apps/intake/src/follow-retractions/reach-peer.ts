import type { PeerClient } from '#libs/access';

/** platform-api as intake calls it. */
export class ReachPeer {
  constructor(readonly peer: PeerClient) {}
}
