import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { HASHES_TOLD, hma } from '#libs/connectors';
import { Channels } from '../entitle-platform/channels.js';
import type { PullStanding } from '../entitle-platform/pull-subscriptions.js';
import { readChangeCursor, writeChangeCursor } from '../read-changes/change-cursor.js';
import { ChangePages, type ReadAs, type ReadFrom } from '../read-changes/change-pages.js';
import { SignedCursors } from '../signed-cursors.js';

/** Entries of one answer, as many as clients of this exchange expect. */
const PAGE = 1_000;
/** Reads of one answer; a channel may have little but what this form has no word for. */
const MOST_READS = 50;

const TYPES = Object.keys(HASHES_TOLD);
const AS_HASHES: ReadAs = { connector: 'hma', carries: hma.carries, narrow: onlyHashes };

/** Records of one answer, and where to go on. */
export interface HashPage {
  records: string[];
  cursor: string;
  more: boolean;
}

/** Reads a channel as a hash exchange: the same reading as of the feed, narrowed to hashes that this form has a word for. */
@Injectable()
export class HashPages {
  constructor(
    private readonly channels: Channels,
    private readonly pages: ChangePages,
    private readonly cursors: SignedCursors,
  ) {}

  /**
   * The next records behind a place; whoever comes with one has read what was before it.
   * @param cursor absent or empty for the beginning
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_CURSOR`
   */
  async read(principal: Principal, channelId: string, cursor?: string): Promise<HashPage> {
    let from: ReadFrom = cursor
      ? readChangeCursor(this.cursors, cursor, { platformId: principal.organisationId, channelId })
      : await this.channels.find(principal, channelId, 'hma');
    const records: string[] = [];
    for (let reads = 1; ; reads += 1) {
      const how = { presented: Boolean(cursor) && reads === 1, as: AS_HASHES };
      const page = await this.pages.read(principal, from, PAGE - records.length, how);
      records.push(...page.records);
      from = page.next;
      // Clients take an answer without entries for the end.
      const goesOn = page.more && records.length < PAGE && reads < MOST_READS;
      if (!goesOn) return { records, more: page.more, cursor: writeChangeCursor(this.cursors, page.next) };
    }
  }
}

function onlyHashes(standing: PullStanding): PullStanding {
  const { subscription } = standing;
  const asked = subscription.filter.types;
  const types = asked ? asked.filter((type) => TYPES.includes(type)) : TYPES;
  return { ...standing, subscription: { ...subscription, filter: { ...subscription.filter, types } } };
}
