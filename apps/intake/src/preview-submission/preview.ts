import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import { authorise, PeerClient, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { inOnePiece, readWholeDocument, tooLarge } from '../accept-submission/document-body.js';
import { checkParameters, plainParameters } from '../accept-submission/given-parameters.js';
import { refuseUnknownChannels } from '../accept-submission/named-channels.js';
import { submittedFormat } from '../accept-submission/submitted-format.js';
import { IntakeConfig, levelsOf } from '../config.js';
import { ContainerOpener } from '../open-containers/container-opener.js';
import { refuseMarkedParameters } from '../scan-parts/marked-parameters.js';
import { PartScanner } from '../scan-parts/part-scanner.js';
import { previewQuery } from './preview-query.js';

/** Most bytes of a document that is previewed, decompressed. */
export const LARGEST_PREVIEW = 8 * 1024 * 1024;
/** A format that reads nothing from nothing, for a bulletin without a document. */
const NO_DOCUMENT = 'value-list';

/** Says what a submission would do, and to whom; nothing of it is kept. */
@Injectable()
export class SubmissionPreview {
  constructor(
    private readonly normaliser: PeerClient,
    private readonly database: DataSource,
    private readonly containers: ContainerOpener,
    @Inject(IntakeConfig) private readonly config: IntakeConfig,
  ) {}

  /**
   * @returns what the normaliser makes of it for this person
   * @throws the rejections of a submission; `TOC_SUBMISSION_TOO_LARGE` above {@link LARGEST_PREVIEW}
   */
  async preview(principal: Principal, request: Request): Promise<unknown> {
    authorise(principal, 'submission:preview');
    const { given, mediaType, bytes } = await readWholeDocument(request, LARGEST_PREVIEW);
    const parameters = checkParameters(given);
    refuseMarkedParameters(parameters, levelsOf(this.config));
    await refuseUnknownChannels(this.database, parameters.channels);
    if (bytes.length === 0 && !parameters.bulletin) {
      throw rejection('TOC_SUBMISSION_EMPTY', 'the submission has neither a document nor a bulletin');
    }
    const opened = await this.containers.open(bytes, inOnePiece(bytes), mediaType, parameters);
    if (opened && opened.document.length > LARGEST_PREVIEW) throw tooLarge(LARGEST_PREVIEW);
    const format =
      opened?.format ?? (bytes.length === 0 ? NO_DOCUMENT : this.formatOf(bytes, mediaType, parameters.format));
    const previewed = await this.normaliser.request<object>('POST', '/internal/previews', {
      principal,
      query: { ...previewQuery(plainParameters(parameters)), format },
      body: opened?.document ?? bytes,
      contentType: 'application/octet-stream',
    });
    return opened ? { ...previewed, contents: opened.contents } : previewed;
  }

  private formatOf(bytes: Buffer, mediaType?: string, id?: string): string {
    const scanner = new PartScanner(levelsOf(this.config));
    scanner.scan(bytes);
    scanner.end();
    return submittedFormat(bytes, { id, mediaType }).id;
  }
}
