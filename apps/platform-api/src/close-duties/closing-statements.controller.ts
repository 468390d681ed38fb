import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ClosingStatementGiven } from './closing-statement.dto.js';
import { ClosingStatements } from './closing-statements.js';

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
