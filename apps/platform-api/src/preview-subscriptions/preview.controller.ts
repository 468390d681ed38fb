import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { PreviewReader, type ChannelPreview, type PreviewAsked } from './preview-reader.js';

/** What the console asks for a platform that is about to subscribe; whether it may, is decided there. */
@ApiExcludeController()
@Controller('internal/previews')
@UseGuards(InternalGuard('console'))
export class PreviewController {
  constructor(private readonly reader: PreviewReader) {}

  @Post()
  @HttpCode(200)
  preview(
    @CurrentPrincipal() { organisationId }: Principal,
    @Body() asked: Record<string, unknown>,
  ): Promise<ChannelPreview> {
    // The console has read it by the rules of its own classes.
    return this.reader.preview(organisationId, asked as unknown as PreviewAsked);
  }
}
