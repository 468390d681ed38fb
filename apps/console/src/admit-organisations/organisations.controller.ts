import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { endListPermission, EndOfPermission } from './list-permissions.js';
import { KafkaUpkeep } from '../provision-kafka/kafka-upkeep.js';
import { ID_IN_PATH } from '#libs/runtime';
import {
  OrganisationChanges,
  OrganisationFilter,
  OrganisationGiven,
  OrganisationShown,
  OrganisationsShown,
  showOrganisation,
} from './organisation.dto.js';
import { OrganisationsService } from './organisations.service.js';
import { PeopleService } from './people.service.js';
import { PeopleShown, PersonChanges, PersonGiven, PersonShown, showPerson } from './person.dto.js';
import type { Plain } from '../plain.js';

/** Organisations and their people. A platform that must not read any more is cut off from Kafka with the answer. */
@ApiTags('organisations')
@Controller('v1/organisations')
export class OrganisationsController {
  constructor(
    private readonly organisations: OrganisationsService,
    private readonly people: PeopleService,
    private readonly kafka: KafkaUpkeep,
    private readonly database: DataSource,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Admit an agency, a platform or an oversight body (operators)' })
  @ApiCreatedResponse({ type: OrganisationShown })
  async admit(
    @CurrentPrincipal() principal: Principal,
    @Body() given: OrganisationGiven,
  ): Promise<Plain<OrganisationShown>> {
    return showOrganisation(await this.organisations.admit(principal, given));
  }

  @Get()
  @ApiOperation({ summary: 'All organisations (operators, oversight)' })
  @ApiOkResponse({ type: OrganisationsShown })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() filter: OrganisationFilter,
  ): Promise<Plain<OrganisationsShown>> {
    return { organisations: (await this.organisations.list(principal, filter)).map(showOrganisation) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One organisation; for its own people, operators and oversight' })
  @ApiOkResponse({ type: OrganisationShown })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<OrganisationShown>> {
    return showOrganisation(await this.organisations.read(principal, id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change an organisation, or suspend it (operators); two operators reinstate it',
    description:
      'A suspended platform gets no more content; withdrawals of what it holds go on. With cut_off it loses its Kafka user within seconds, and they wait.',
  })
  @ApiOkResponse({ type: OrganisationShown })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() changes: OrganisationChanges,
  ): Promise<Plain<OrganisationShown>> {
    const organisation = await this.organisations.change(principal, id, changes);
    if (changes.cut_off) this.kafka.cutOff(organisation.id);
    return showOrganisation(organisation);
  }

  @Delete(':id/list-permissions/:list')
  @ApiOperation({
    summary: 'End the permission of an agency to submit a list of a third party (operators)',
    description:
      'Nothing more of it is published; what was published before stays until the agency retracts it. A permission is given by two operators together: propose permit-list.',
  })
  @ApiOkResponse({ type: OrganisationShown })
  async endListPermission(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Param('list') list: string,
    @Query() { reason }: EndOfPermission,
  ): Promise<Plain<OrganisationShown>> {
    return showOrganisation(await endListPermission(this.database, principal, { id, list, reason }));
  }

  @Post(':id/people')
  @ApiOperation({
    summary: 'Admit a person to an organisation (operators)',
    description: 'Without a key nobody can act; who gets one for an officer, approver or admin is decided by two.',
  })
  @ApiCreatedResponse({ type: PersonShown })
  async admitPerson(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() given: PersonGiven,
  ): Promise<Plain<PersonShown>> {
    return showPerson(await this.people.admit(principal, id, given));
  }

  @Get(':id/people')
  @ApiOperation({ summary: 'The people of an organisation' })
  @ApiOkResponse({ type: PeopleShown })
  async listPeople(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<Plain<PeopleShown>> {
    return { people: (await this.people.list(principal, id)).map(showPerson) };
  }
}

/** People by their own id. */
@ApiTags('organisations')
@Controller('v1/people')
export class PeopleController {
  constructor(private readonly people: PeopleService) {}

  @Patch(':id')
  @ApiOperation({
    summary: 'Change the roles of a person, or let the person go (operators)',
    description: 'The roles officer, approver and admin are given by two operators together: propose grant-role.',
  })
  @ApiOkResponse({ type: PersonShown })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() changes: PersonChanges,
  ): Promise<Plain<PersonShown>> {
    return showPerson(await this.people.change(principal, id, changes));
  }
}
