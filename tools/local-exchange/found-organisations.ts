import { createHash } from 'node:crypto';
import type { StateFile } from './exchange-state.js';
import { ApiClient } from './api-client.js';

/** Agencies, platforms and channels that a demonstration begins with. All names are made up. */
const AGENCIES = [
  {
    name: 'Harbour Content Office',
    country: 'NZ',
    desk: { id: 'night-desk', name: 'Harbour night desk', email: 'desk@harbour.example', phone: '+64 0 000 0000' },
  },
  {
    name: 'Ministère exemple, cellule en ligne',
    country: 'FR',
    desk: { id: 'permanence', name: 'Permanence en ligne', email: 'permanence@cellule.example' },
  },
] as const;

const PLATFORMS = [
  { name: 'Framehub', country: 'NZ', kind: 'video' },
  { name: 'Pinegrove Forum', country: 'FR', kind: 'forum' },
  { name: 'Slowpoke Pictures', country: 'AU', kind: 'images' },
  { name: 'Streamvale', country: 'US', kind: 'live-video' },
] as const;

const CHANNELS = [
  { id: 'everyone', title: 'Every platform', audience: {}, priority: 'ordinary' },
  { id: 'france', title: 'Platforms in France', audience: { countries: ['FR'] }, priority: 'ordinary' },
  { id: 'emergency', title: 'Emergencies', audience: {}, priority: 'emergency' },
] as const;

export type PlatformName = (typeof PLATFORMS)[number]['name'];

/** The two operators of an exchange, each with the own key. */
export type TwoOperators = readonly [ApiClient, ApiClient];

/**
 * Admits the demonstration's organisations, people and channels, each once; what is there already stays. Keys are
 * proposed by one operator and confirmed by the other.
 */
export async function foundOrganisations(file: StateFile, operators: TwoOperators): Promise<void> {
  const [operator] = operators;
  for (const channel of CHANNELS) {
    if (file.state.channels.includes(channel.id)) continue;
    await operator.call('POST', '/v1/channels', { ...channel, highest_tlp: 'amber+strict' });
    file.state.channels.push(channel.id);
    await file.save();
  }
  for (const { name, country, desk } of AGENCIES) {
    const body = { kind: 'agency', name, country, desks: [desk], default_channels: ['everyone'] };
    await admit(file, operators, name, body, ['officer', 'approver']);
  }
  for (const { name, country, desk } of AGENCIES) {
    const agency = { mandate: 'Made-up Act, s 1', oversight_body: 'Made-up Commissioner', night_desk: desk.id };
    await decideAdmission(file, operators, { name, country, part: { agency } });
  }
  for (const platform of PLATFORMS) await admitPlatform(file, operators, platform);
}

/** Admits a platform in its full standing, with an admin who has a key; one that is there stays as it is. */
export async function admitPlatform(
  file: StateFile,
  operators: TwoOperators,
  { name, country, kind }: { name: string; country: string; kind: string },
): Promise<void> {
  await admit(file, operators, name, { kind: 'platform', name, country, platform_kind: kind }, ['admin']);
  const page = `https://${name.toLowerCase().replace(/[^a-z]+/g, '-')}.example`;
  const platform = {
    review_staff_countries: [country],
    ...{ terms_url: `${page}/terms`, appeals_url: `${page}/appeals`, reporting_url: `${page}/report` },
    notices_to: `feeds@${page.slice('https://'.length)}`,
    csea_authority: { country, legal_ground: 'Made-up Child Protection Act, s 2' },
  };
  await decideAdmission(file, operators, { name, country, part: { platform } });
}

/** Two operators admit an organisation, each agency on the word of another, and give a platform its full standing. */
async function decideAdmission(
  { state }: StateFile,
  [operator, second]: TwoOperators,
  { name, country, part }: { name: string; country: string; part: { agency: object } | { platform: object } },
): Promise<void> {
  const id = state.organisations[name];
  const { basis, standing } = await operator.call<{ basis: string; standing: string | null }>(
    'GET',
    `/v1/organisations/${id}/admission`,
  );
  const confirm = async (proposal: { id: string }): Promise<unknown> =>
    second.call('POST', `/v1/proposals/${proposal.id}/confirmation`, {});
  if (basis !== 'decided') {
    const body = {
      legal_entity: { name: `${name} Ltd`, registration_number: 'made-up 1', country },
      agreement: {
        reference: `Agreement with ${name}`,
        sha256: createHash('sha256').update(name).digest('hex'),
        signed_on: '2026-01-01',
      },
      sponsor: state.organisations[AGENCIES.find((agency) => agency.name !== name)?.name ?? ''],
      review_on: new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10),
      ...part,
      reason: `the admission of ${name}`,
    };
    await confirm(await operator.call<{ id: string }>('POST', `/v1/organisations/${id}/admission`, body));
  }
  if (standing !== 'match-only') return;
  const proposal = {
    action: 'change-standing',
    subject: { organisation: id, standing: 'full' },
    reason: `the staff of ${name} may read what is written for them`,
  };
  await confirm(await operator.call<{ id: string }>('POST', '/v1/proposals', proposal));
}

async function admit(
  file: StateFile,
  operators: TwoOperators,
  name: string,
  body: object,
  roles: readonly string[],
): Promise<void> {
  const { state } = file;
  const [operator, second] = operators;
  let id = state.organisations[name];
  if (!id) {
    ({ id } = await operator.call<{ id: string }>('POST', '/v1/organisations', body));
    state.organisations[name] = id;
    await file.save();
  }
  for (const role of roles) {
    if (state.people.some((person) => person.organisation === name && person.role === role)) continue;
    const person = await operator.call<{ id: string; name: string }>('POST', `/v1/organisations/${id}/people`, {
      name: `${role} of ${name}`,
      roles: [role],
    });
    const proposal = await operator.call<{ id: string }>('POST', '/v1/proposals', {
      action: 'issue-key',
      subject: { person: person.id },
      reason: `the first key of the ${role} of ${name}`,
    });
    const { key } = await second.call<{ key: string }>('POST', `/v1/proposals/${proposal.id}/confirmation`, {});
    state.people.push({ organisation: name, name: person.name, role, id: person.id, key });
    await file.save();
  }
}
