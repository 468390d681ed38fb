import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { KafkaUpkeep } from '../provision-kafka/kafka-upkeep.js';
import { ChannelGiven, ChannelShown, ChannelsShown, showChannel } from './channel.dto.js';
import { ChannelsService } from './channels.service.js';
import type { Plain } from '../plain.js';

/** Channels. There is deliberately no route that changes one; two operators close one, see `decide-together`. */
@ApiTags('channels')
@Controller('v1/channels')
export class ChannelsController {
  constructor(
    private readonly channels: ChannelsService,
    private readonly kafka: KafkaUpkeep,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Open a channel (operators); its audience rule never changes' })
  @ApiCreatedResponse({ type: ChannelShown })
  async open(@CurrentPrincipal() principal: Principal, @Body() given: ChannelGiven): Promise<Plain<ChannelShown>> {
    const known = await this.channels.open(principal, given);
    await this.kafka.channelOpened(known.channel.id);
    return showChannel(known);
  }

  @Get()
  @ApiOperation({
    summary: 'The channels that concern this key',
    description:
      'A platform sees the channels that it is a member of; agencies, operators and oversight see all, with the audience rule and how many platforms it reaches.',
  })
  @ApiOkResponse({ type: ChannelsShown })
  async list(@CurrentPrincipal() principal: Principal): Promise<Plain<ChannelsShown>> {
    return { channels: (await this.channels.list(principal)).map(showChannel) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One channel' })
  @ApiOkResponse({ type: ChannelShown })
  async read(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<Plain<ChannelShown>> {
    return showChannel(await this.channels.read(principal, id));
  }
}
