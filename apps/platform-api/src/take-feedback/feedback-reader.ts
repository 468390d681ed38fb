import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, PeerClient, type Principal } from '#libs/access';
import { rejection, type FeedbackKind } from '#libs/domain';
import { query } from '#libs/persistence';
import type { DisputeStanding, FeedbackShown } from './feedback.dto.js';

interface FeedbackRow {
  id: string;
  platform_id: string;
  kind: FeedbackKind;
  channel_id: string | null;
  row_id: string | null;
  said: Record<string, unknown>;
  received_at: Date;
}

/** Shows a platform what it answered, and how its disputes stand, which the normaliser knows. */
@Injectable()
export class FeedbackReader {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly normaliser: PeerClient,
  ) {}

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND`, the same for another platform's item as for none */
  async read(principal: Principal, id: string): Promise<FeedbackShown> {
    const [row] = await query<FeedbackRow>(
      this.database,
      'SELECT id, platform_id, kind, channel_id, row_id, said, received_at FROM platform_api.feedback WHERE id = $1',
      [id],
    );
    if (!row) {
      authorise(principal, 'feedback:read', { organisationId: principal.organisationId });
      throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
    }
    authorise(principal, 'feedback:read', { organisationId: row.platform_id });
    return {
      id: row.id,
      kind: row.kind,
      ...(row.channel_id !== null && row.row_id !== null && { channel: row.channel_id, row_id: row.row_id }),
      ...row.said,
      received_at: row.received_at.toISOString(),
      ...(row.kind === 'dispute' && {
        dispute: await this.normaliser.request<DisputeStanding>('GET', `/internal/feedback/${row.id}/dispute`, {
          principal,
        }),
      }),
    };
  }
}
