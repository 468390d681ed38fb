import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsObject, IsString, IsUUID, Length } from 'class-validator';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { Retractions } from './retractions.js';

/** What the console says when two operators decided on a retraction. */
class DecidedRetractionGiven {
  @IsUUID() proposal_id!: string;
  @IsUUID() proposed_by!: string;
  @IsUUID() confirmed_by!: string;
  @IsString() @Length(1, 2000) reason!: string;
  @IsObject() retraction!: Record<string, unknown>;
}

@ApiExcludeController()
@Controller('internal/advisories')
@UseGuards(InternalGuard('console'))
export class DecidedRetractionController {
  constructor(private readonly retractions: Retractions) {}

  @Post(':id/retractions')
  @HttpCode(202)
  async retract(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) advisoryId: string,
    @Body() given: DecidedRetractionGiven,
  ): Promise<{ submission_id: string }> {
    const isConfirming = principal.organisationKind === 'operator' && principal.personId === given.confirmed_by;
    if (!isConfirming || given.proposed_by === given.confirmed_by) {
      throw rejection('TOC_ACCESS_SECOND_PERSON', 'two operators decide on this');
    }
    const document = Buffer.from(JSON.stringify(given.retraction));
    const receipt = await this.retractions.receiveDecided(principal, advisoryId, {
      proposalId: given.proposal_id,
      document,
    });
    return { submission_id: receipt.id };
  }
}
