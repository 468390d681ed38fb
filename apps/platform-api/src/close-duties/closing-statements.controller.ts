import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsIn, IsString, IsUUID, Length, Matches } from 'class-validator';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ClosingStatements } from './closing-statements.js';

/** What the console says when two operators decided that a platform's statement closes what it owes. */
export class ClosingStatementGiven {
  @IsUUID() proposal_id!: string;
  @IsUUID() proposed_by!: string;
  @IsUUID() confirmed_by!: string;
  @IsString() @Length(1, 2000) reason!: string;
  @IsUUID() platform!: string;
  @Matches(/^[0-9a-f]{64}$/) statement!: string;
  @IsIn(['deleted', 'kept-until-expiry']) says!: 'deleted' | 'kept-until-expiry';
}

@ApiExcludeController()
@Controller('internal/closing-statements')
@UseGuards(InternalGuard('console'))
export class ClosingStatementsController {
  constructor(private readonly statements: ClosingStatements) {}

  @Post()
  @HttpCode(200)
  take(@CurrentPrincipal() principal: Principal, @Body() given: ClosingStatementGiven): Promise<{ duties: number }> {
    return this.statements.take(principal, given);
  }
}
