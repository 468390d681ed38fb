import { Controller, Delete, Get, Header, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import {
  CredentialsRevocation,
  KafkaCredentialsIssued,
  KafkaCredentialsRevoked,
  KafkaCredentialsShown,
  showKafkaUser,
} from './kafka-credentials.dto.js';
import { KafkaCredentialsService } from './kafka-credentials.service.js';
import type { Plain } from '../plain.js';

/** Credentials of a platform for its own topic. */
@ApiTags('kafka')
@Controller('v1/platforms/:id/kafka-credentials')
export class KafkaCredentialsController {
  constructor(private readonly credentials: KafkaCredentialsService) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Issue credentials for the platform’s own topic (its admin); earlier ones end',
    description: 'The password is shown once and kept nowhere.',
  })
  @ApiCreatedResponse({ type: KafkaCredentialsIssued })
  async issue(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<KafkaCredentialsIssued>> {
    const { user, password } = await this.credentials.issue(principal, id);
    return { ...showKafkaUser(user), password };
  }

  @Get()
  @ApiOperation({ summary: 'The platform’s Kafka user, without its password' })
  @ApiOkResponse({ type: KafkaCredentialsShown })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<KafkaCredentialsShown>> {
    return showKafkaUser(await this.credentials.read(principal, id));
  }

  @Delete()
  @ApiOperation({ summary: 'Revoke at once; a connected consumer is cut off within seconds' })
  @ApiOkResponse({ type: KafkaCredentialsRevoked })
  async revoke(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { reason }: CredentialsRevocation,
  ): Promise<Plain<KafkaCredentialsRevoked>> {
    const { user, removed } = await this.credentials.revoke(principal, id, reason);
    return { ...showKafkaUser(user), removed };
  }
}
