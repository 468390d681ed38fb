import { Body, Controller, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { KeyGiven, KeyIssued, KeyShown, KeysShown, Revocation, showKey } from './key.dto.js';
import { KeysService } from './keys.service.js';
import type { Plain } from '../plain.js';

/** Keys of people. An answer that holds a key must not be kept by anything on its way. */
@ApiTags('keys')
@Controller('v1')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @Post('people/:id/keys')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Rotate one’s own key, or issue one (an operator); the key is shown once',
    description:
      'For a person with the role officer, approver or admin two operators issue it together: propose issue-key.',
  })
  @ApiCreatedResponse({ type: KeyIssued })
  async issue(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() given: KeyGiven,
  ): Promise<Plain<KeyIssued>> {
    const { key, row, replaced } = await this.keys.issue(principal, id, given);
    const now = new Date();
    return { ...showKey(row, now), key, ...(replaced && { replaced: showKey(replaced, now) }) };
  }

  @Get('people/:id/keys')
  @ApiOperation({ summary: 'The keys of a person, without secrets' })
  @ApiOkResponse({ type: KeysShown })
  async list(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<Plain<KeysShown>> {
    const now = new Date();
    return { keys: (await this.keys.list(principal, id)).map((key) => showKey(key, now)) };
  }

  @Post('keys/:id/revocation')
  @HttpCode(200)
  @ApiOperation({ summary: 'End a key at once' })
  @ApiOkResponse({ type: KeyShown })
  async revoke(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() { reason }: Revocation,
  ): Promise<Plain<KeyShown>> {
    return showKey(await this.keys.revoke(principal, id, reason), new Date());
  }
}
