import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { RETRACTION_FORMAT, type RetractionRequest } from '#libs/events';
import { readWholeDocument } from '../accept-submission/document-body.js';
import type { Receipt } from '../accept-submission/receipt.js';
import { SubmissionReceiver, type SubmissionOrder } from '../accept-submission/submission-receiver.js';
import { IntakeConfig, levelsOf } from '../config.js';
import { refuseMarkedParameters } from '../scan-parts/marked-parameters.js';
import { AdvisoryOwner } from './advisory-owner.js';
import { LARGEST_RETRACTION, readRetractionDocument } from './retraction-document.js';

/** A retraction that two operators decided. */
export interface DecidedRetraction {
  proposalId: string;
  /** The request, as JSON. */
  document: Buffer;
}

/** Stores retractions as submissions: a document that is its own parameters. */
@Injectable()
export class Retractions {
  constructor(
    private readonly owner: AdvisoryOwner,
    private readonly receiver: SubmissionReceiver,
    @Inject(IntakeConfig) private readonly config: IntakeConfig,
  ) {}

  /**
   * An agency takes back its own advisory.
   * @throws the rejections of a submission, and `TOC_ACCESS_NOT_FOUND` for another agency's advisory
   */
  async receive(principal: Principal, advisoryId: string, request: Request, idempotencyKey?: string): Promise<Receipt> {
    await this.owner.own(principal, advisoryId, 'advisory:retract');
    const { given, bytes } = await readWholeDocument(request, LARGEST_RETRACTION);
    if (Object.keys(given).length > 0) {
      throw rejection('TOC_REQUEST_PARAMETER', 'a retraction says everything in its body', {
        problems: Object.keys(given)
          .slice(0, 20)
          .map((name) => `${name.slice(0, 60)}: it is not taken here`),
      });
    }
    return this.store({ principal, kind: 'retraction', advisoryId, idempotencyKey }, bytes);
  }

  /** An agency takes back what one object of a submission of its own asserted, because it is no longer needed. */
  receiveOfObject(
    principal: Principal,
    of: Required<Pick<RetractionRequest, 'object' | 'signals'>>,
    idempotencyKey: string,
  ): Promise<Receipt> {
    const request: RetractionRequest = { reason: 'no-longer-needed', ...of };
    const document = Buffer.from(JSON.stringify(request));
    return this.receiver.receiveDocument({
      ...{ principal, kind: 'retraction', idempotencyKey, format: RETRACTION_FORMAT, document },
      parameters: { ...request },
    });
  }

  /** Two operators take back anybody's advisory (I10). The proposal makes one retraction, however often it is asked. */
  async receiveDecided(principal: Principal, advisoryId: string, decided: DecidedRetraction): Promise<Receipt> {
    const { agency_id } = await this.owner.find(principal, advisoryId);
    const idempotencyKey = `proposal ${decided.proposalId}`;
    return this.store(
      { principal, kind: 'retraction', agencyId: agency_id, advisoryId, idempotencyKey },
      decided.document,
    );
  }

  private store(order: SubmissionOrder, document: Buffer): Promise<Receipt> {
    const request = readRetractionDocument(document);
    refuseMarkedParameters(request, levelsOf(this.config));
    const parameters = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
    return this.receiver.receiveDocument({ ...order, format: RETRACTION_FORMAT, parameters, document });
  }
}
