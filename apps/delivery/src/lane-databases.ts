import type { DataSource } from 'typeorm';
import type { Lane } from './disclose-and-send/delivery-target.js';

/** Connections by lane: bulk can use up its own and no others. */
export class LaneDatabases {
  constructor(readonly of: Record<Lane, DataSource>) {}
}
