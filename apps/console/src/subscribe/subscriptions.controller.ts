import { Body, Controller, Get, Header, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { KafkaUpkeep } from '../provision-kafka/kafka-upkeep.js';
import { ID_IN_PATH } from '#libs/runtime';
import { Registrar } from './registrar.js';
import { SubscriptionLifeService } from './subscription-life.service.js';
import { SubscriptionStatusService } from './subscription-status.service.js';
import {
  Departure,
  PauseReason,
  PreviewGiven,
  PreviewShown,
  SecretRotation,
  showSubscription,
  SubscriptionChanges,
  SubscriptionGiven,
  SubscriptionHandOver,
  SubscriptionShown,
  SubscriptionsShown,
} from './subscription.dto.js';
import { SubscriptionsService } from './subscriptions.service.js';
import type { Plain, SubscriptionRow } from '../plain.js';

/** Subscriptions of platforms, from the challenge to the departure. */
@ApiTags('subscriptions')
@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly life: SubscriptionLifeService,
    private readonly statuses: SubscriptionStatusService,
    private readonly kafka: KafkaUpkeep,
    private readonly registrar: Registrar,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Subscribe (a platform’s admin)',
    description: 'A webhook is asked to prove itself first: it answers 200 with the challenge that it is sent.',
  })
  @ApiCreatedResponse({ type: SubscriptionHandOver })
  async subscribe(
    @CurrentPrincipal() principal: Principal,
    @Body() given: SubscriptionGiven,
  ): Promise<Plain<SubscriptionHandOver>> {
    const { subscription, handOver } = await this.subscriptions.subscribe(principal, given);
    this.kafka.wake();
    return { ...this.show(subscription, principal), hand_over: handOver };
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Count the live rows that a subscription would bring, before there is one' })
  @ApiOkResponse({ type: PreviewShown })
  preview(@CurrentPrincipal() principal: Principal, @Body() given: PreviewGiven): Promise<Plain<PreviewShown>> {
    return this.subscriptions.preview(principal, given);
  }

  @Get()
  @ApiOperation({ summary: 'A platform’s own subscriptions; all for operators and oversight' })
  @ApiOkResponse({ type: SubscriptionsShown })
  async list(@CurrentPrincipal() principal: Principal): Promise<Plain<SubscriptionsShown>> {
    const subscriptions = await this.subscriptions.list(principal);
    return { subscriptions: subscriptions.map((one) => this.show(one, principal)) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One subscription' })
  @ApiOkResponse({ type: SubscriptionShown })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<SubscriptionShown>> {
    return this.show(await this.subscriptions.read(principal, id), principal);
  }

  @Get(':id/status')
  @ApiOperation({ summary: 'How far delivery has come: position, lag and endpoint, by channel and walk' })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'object', additionalProperties: true } } })
  async status(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<object[]> {
    return this.statuses.read(principal, id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change channels or filter: a new revision, delivered from the beginning' })
  @ApiOkResponse({ type: SubscriptionShown })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() changes: SubscriptionChanges,
  ): Promise<Plain<SubscriptionShown>> {
    return this.show(await this.subscriptions.change(principal, id, changes), principal);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Hold content back; withdrawals go on' })
  @ApiOkResponse({ type: SubscriptionShown })
  async pause(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: PauseReason,
  ): Promise<Plain<SubscriptionShown>> {
    return this.show(await this.life.pause(principal, id, reason), principal);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let content go again, also after delivery gave up on a failing endpoint' })
  @ApiOkResponse({ type: SubscriptionShown })
  async resume(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: PauseReason,
  ): Promise<Plain<SubscriptionShown>> {
    return this.show(await this.life.resume(principal, id, reason), principal);
  }

  @Post(':id/secrets')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Make a new secret beside the old one, or say the new keys of a bucket' })
  @ApiCreatedResponse({ type: SubscriptionHandOver })
  async rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() rotation: SecretRotation,
  ): Promise<Plain<SubscriptionHandOver>> {
    const { subscription, handOver } = await this.life.rotate(principal, id, rotation);
    return { ...this.show(subscription, principal), hand_over: handOver };
  }

  @Post(':id/departure')
  @HttpCode(200)
  @ApiOperation({ summary: 'End a subscription for good, saying what becomes of what was received' })
  @ApiOkResponse({ type: SubscriptionShown })
  async depart(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() departure: Departure,
  ): Promise<Plain<SubscriptionShown>> {
    return this.show(await this.life.depart(principal, id, departure), principal);
  }

  private show(subscription: SubscriptionRow, { organisationId }: Principal): Plain<SubscriptionShown> {
    return showSubscription(subscription, organisationId, this.registrar.publicKeys(subscription));
  }
}
