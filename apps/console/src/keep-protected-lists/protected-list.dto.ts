import { ApiProperty } from '@nestjs/swagger';
import { JUDGES } from '#libs/safeguards';
import { Line, Reason, WholeInQuery, Word } from '../request-properties.js';
import type { Plain, ProtectedListRow } from '../plain.js';

/** How a list is replaced. It stands in the query, so that a file can be sent as it is. */
export class Replacement {
  @Reason() reason!: string;
  @Word(JUDGES, { optional: true, description: 'Needed for a MISP warninglist, which does not say it.' })
  judges?: ProtectedListRow['judges'];
  @WholeInQuery(0, 2_147_483_647, {
    optional: true,
    description: 'Refused unless this is the version that is replaced; 0 for a new list.',
  })
  replaces_version?: number;
}

/** The form of a list's body, for the document; it is read by {@link readProtectedList}. */
export class ProtectedListGiven {
  @Line(1, 300) title!: string;
  @Word(JUDGES, {
    description:
      'any-hit: any URL or host on it · whole-host: a host, root, prefix or network, not one exact item · digest: exact hashes',
  })
  judges!: string;
  @ApiProperty({
    type: [String],
    description: 'Hosts, which cover their subdomains, addresses and networks (CIDR), or hexadecimal digests.',
  })
  entries!: string[];
}

/** A list without its entries. */
export class ProtectedListSummary {
  @ApiProperty() id!: string;
  @ApiProperty() title!: string;
  @ApiProperty() version!: number;
  @ApiProperty({ enum: JUDGES }) judges!: string;
  @ApiProperty({ description: 'How many entries it has.' }) size!: number;
}

export class ProtectedListsShown {
  @ApiProperty({ type: [ProtectedListSummary] }) protected_lists!: ProtectedListSummary[];
}

export class ProtectedListShown extends ProtectedListSummary {
  @ApiProperty({ type: [String] }) entries!: string[];
}

/** What is shown of a list where there are many. */
export function summariseList({ id, title, version, judges, entries }: ProtectedListRow): Plain<ProtectedListSummary> {
  return { id, title, version, judges, size: entries.length };
}

/** What is shown of one list. */
export function showList(list: ProtectedListRow): Plain<ProtectedListShown> {
  return { ...summariseList(list), entries: list.entries };
}
