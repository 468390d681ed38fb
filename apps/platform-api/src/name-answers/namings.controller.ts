import { Controller, Delete, Get, HttpCode, Param, Put, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { AuthenticationGuard, authorise, CurrentPrincipal, PeerClient, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';

/** For which advisory this platform's answers are shown to its agency by name. */
export class NamingShown {
  @ApiProperty({ format: 'uuid' }) advisory_id!: string;
  @ApiProperty({ format: 'date-time' }) since!: string;
}

export class NamingsShown {
  @ApiProperty({ type: [NamingShown] }) namings!: NamingShown[];
}

/** Agencies see totals. A platform may let the agency of one advisory see its own answers by name, until it ends that. */
@ApiTags('feedback')
@ApiBearerAuth()
@Controller('v1/named-answers')
@UseGuards(AuthenticationGuard)
export class NamingsController {
  constructor(private readonly normaliser: PeerClient) {}

  @Get()
  @ApiOperation({ summary: 'Advisories whose agencies see this platform’s answers by name' })
  @ApiOkResponse({ type: NamingsShown })
  list(@CurrentPrincipal() principal: Principal): Promise<NamingsShown> {
    authorise(principal, 'naming:read', { organisationId: principal.organisationId });
    return this.normaliser.request('GET', '/internal/namings', { principal });
  }

  @Put(':advisory')
  @ApiOperation({
    summary: 'Let the agency of an advisory see what this platform answers from now on, by name',
    description: 'The same is answered whether there is such an advisory or not.',
  })
  @ApiOkResponse({ type: NamingShown })
  begin(
    @CurrentPrincipal() principal: Principal,
    @Param('advisory', ID_IN_PATH) advisory: string,
  ): Promise<NamingShown> {
    authorise(principal, 'naming:manage', { organisationId: principal.organisationId });
    return this.normaliser.request('POST', `/internal/namings/${advisory}`, { principal });
  }

  @Delete(':advisory')
  @HttpCode(204)
  @ApiOperation({ summary: 'End that: what was shown by name is gone' })
  @ApiNoContentResponse()
  async end(@CurrentPrincipal() principal: Principal, @Param('advisory', ID_IN_PATH) advisory: string): Promise<void> {
    authorise(principal, 'naming:manage', { organisationId: principal.organisationId });
    await this.normaliser.request('POST', `/internal/namings/${advisory}/end`, { principal });
  }
}
