import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { serviceChannelOf } from '#libs/persistence';
import { ID_IN_PATH } from '#libs/runtime';
import { KafkaUpkeep } from '../provision-kafka/kafka-upkeep.js';
import type { Plain } from '../plain.js';
import { ServiceGiven, ServiceShown, ServicesShown, showService } from './service.dto.js';
import { ServicesService } from './services.service.js';

/** Hosts that are a platform's services: what is on them goes to that platform. */
@ApiTags('services')
@Controller('v1/services')
export class ServicesController {
  constructor(
    private readonly services: ServicesService,
    private readonly kafka: KafkaUpkeep,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Say that a host is a service of this platform (its admin)',
    description: 'It counts once it is proved: put the text record or the file there, and ask for the proof.',
  })
  @ApiCreatedResponse({ type: ServiceShown })
  async register(@CurrentPrincipal() principal: Principal, @Body() given: ServiceGiven): Promise<Plain<ServiceShown>> {
    return showService(await this.services.register(principal, given));
  }

  @Get()
  @ApiOperation({ summary: 'The services of this platform; all of them for operators and oversight' })
  @ApiOkResponse({ type: ServicesShown })
  async list(@CurrentPrincipal() principal: Principal): Promise<Plain<ServicesShown>> {
    return { services: (await this.services.list(principal)).map(showService) };
  }

  @Post(':id/proof')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Look for the proof in the DNS and on the host',
    description: 'With the first service that is proved, the channel for what is on them is opened: subscribe to it.',
  })
  @ApiOkResponse({ type: ServiceShown })
  async prove(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<ServiceShown>> {
    const service = await this.services.prove(principal, id);
    await this.kafka.channelOpened(serviceChannelOf(service.platformId));
    return showService(service);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Say that a host is no service of this platform any more' })
  @ApiOkResponse({ type: ServiceShown })
  async remove(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<ServiceShown>> {
    return showService(await this.services.remove(principal, id));
  }
}
