import kafkajs, { type AclEntry, type AclFilter, type DescribeAclResource } from 'kafkajs';
import type { KafkaGrant } from '../kafka-credentials.js';
import type { OpenLink } from '../kafkajs/kafkajs-link.js';
import { withAdmin } from '../kafkajs/kafkajs-admin.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

type Operation = KafkaGrant['operations'][number];

const RESOURCES = { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP } as const;
const PATTERNS = { literal: ResourcePatternTypes.LITERAL, prefixed: ResourcePatternTypes.PREFIXED } as const;
const OPERATIONS = {
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  describe: AclOperationTypes.DESCRIBE,
} as const;
const ANY_HOST = '*';

/** Access control lists of users, kept by the brokers (StandardAuthorizer), over kafkajs. */
export class AclGrants {
  constructor(private readonly openLink: OpenLink) {}

  /** Adds what is missing, then takes away what is too much. */
  async replace(name: string, grants: readonly KafkaGrant[]): Promise<void> {
    const wanted = grants.flatMap((grant) => toEntries(name, grant));
    await withAdmin(this.openLink, async (admin) => {
      const { resources } = await admin.describeAcls(everythingOf(name));
      const present = resources.flatMap(toPresentEntries);
      const missing = wanted.filter((entry) => !present.some((other) => sameEntry(entry, other)));
      const surplus = present.filter((entry) => !wanted.some((other) => sameEntry(entry, other)));
      if (missing.length > 0) await admin.createAcls({ acl: missing });
      if (surplus.length > 0) await admin.deleteAcls({ filters: surplus });
    });
  }

  async removeAll(name: string): Promise<void> {
    await withAdmin(this.openLink, (admin) => admin.deleteAcls({ filters: [everythingOf(name)] }));
  }

  async list(name: string): Promise<KafkaGrant[]> {
    const { resources } = await withAdmin(this.openLink, (admin) => admin.describeAcls(everythingOf(name)));
    return resources.flatMap(toGrants);
  }
}

function toEntries(name: string, grant: KafkaGrant): AclEntry[] {
  return grant.operations.map((operation) => ({
    resourceType: RESOURCES[grant.resource],
    resourceName: grant.name,
    resourcePatternType: PATTERNS[grant.pattern],
    principal: principalOf(name),
    host: ANY_HOST,
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));
}

function everythingOf(name: string): AclFilter {
  return {
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    principal: principalOf(name),
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  };
}

function toPresentEntries({ acls, ...resource }: DescribeAclResource): AclEntry[] {
  return acls.map((acl) => ({ ...resource, ...acl }));
}

/** Entries of other kinds (made by other tools) have no place in the port's terms and are left out. */
function toGrants(described: DescribeAclResource): KafkaGrant[] {
  const resource = nameIn(RESOURCES, described.resourceType);
  const pattern = nameIn(PATTERNS, described.resourcePatternType);
  const operations = described.acls
    .filter(({ permissionType }) => permissionType === AclPermissionTypes.ALLOW)
    .map(({ operation }) => nameIn(OPERATIONS, operation))
    .filter((operation): operation is Operation => operation !== undefined)
    .sort();
  if (resource === undefined || pattern === undefined || operations.length === 0) return [];
  return [{ resource, name: described.resourceName, pattern, operations }];
}

function nameIn<Name extends string>(numbers: Readonly<Record<Name, number>>, wanted: number): Name | undefined {
  for (const name in numbers) if (numbers[name] === wanted) return name;
  return undefined;
}

function sameEntry(one: AclEntry, other: AclEntry): boolean {
  return (
    one.resourceType === other.resourceType &&
    one.resourceName === other.resourceName &&
    one.resourcePatternType === other.resourcePatternType &&
    one.principal === other.principal &&
    one.host === other.host &&
    one.operation === other.operation &&
    one.permissionType === other.permissionType
  );
}

function principalOf(name: string): string {
  return `User:${name}`;
}
