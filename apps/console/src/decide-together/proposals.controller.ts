import { Body, Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { KafkaUpkeep } from '../provision-kafka/kafka-upkeep.js';
import { ConfirmedWork } from './confirmed-work.js';
import {
  ProposalConfirmed,
  ProposalFilter,
  ProposalGiven,
  ProposalRead,
  ProposalShown,
  ProposalsShown,
  showProposal,
} from './proposal.dto.js';
import { ProposalsService } from './proposals.service.js';
import type { Plain } from '../plain.js';

/** What two operators decide together; see {@link ProposalsService} and, for what follows, {@link ConfirmedWork}. */
@ApiTags('proposals')
@Controller('v1/proposals')
export class ProposalsController {
  constructor(
    private readonly proposals: ProposalsService,
    private readonly work: ConfirmedWork,
    private readonly kafka: KafkaUpkeep,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Propose what no operator may do alone (an operator)' })
  @ApiCreatedResponse({ type: ProposalShown })
  async propose(@CurrentPrincipal() principal: Principal, @Body() given: ProposalGiven): Promise<Plain<ProposalShown>> {
    return showProposal(await this.proposals.propose(principal, given), new Date());
  }

  @Get()
  @ApiOperation({ summary: 'Proposals, newest first' })
  @ApiOkResponse({ type: ProposalsShown })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() filter: ProposalFilter,
  ): Promise<Plain<ProposalsShown>> {
    const now = new Date();
    return { proposals: (await this.proposals.list(principal, filter)).map((one) => showProposal(one, now)) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One proposal, with its outcome' })
  @ApiOkResponse({ type: ProposalRead })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<ProposalRead>> {
    const proposal = await this.proposals.read(principal, id);
    const list_change = await this.proposals.listChange(proposal);
    const { content } = proposal;
    const admission = content && 'sponsor' in content ? content : undefined;
    return {
      ...showProposal(proposal, new Date()),
      ...(list_change && { list_change }),
      ...(admission && { admission }),
    };
  }

  @Post(':id/confirmation')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Confirm as the second operator',
    description:
      'A stop, a role or a list is in force with the answer, and a key is in it, this once. A purge, rebuild or retraction is carried out next; ask for the proposal to see the outcome.',
  })
  @ApiOkResponse({ type: ProposalConfirmed })
  async confirm(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<ProposalConfirmed>> {
    const { proposal, key } = await this.proposals.confirm(principal, id);
    this.work.wake();
    const { action, subject } = proposal;
    // Of an organisation that is no platform there is nothing to take away.
    if (action === 'release-organisation' && subject.organisation) this.kafka.cutOff(subject.organisation);
    return { ...showProposal(proposal, new Date()), ...(key !== undefined && { key }) };
  }
}
