import type { Tool } from '../call-exchange/tool.js';
import { proposalLines, type Proposal } from '../decide-together/decide-together.commands.js';
import { FILE_OPTIONS, fileSettings, readBucketKeys, type FilesAsked } from './file-options.js';
import { namedSubscription } from './named-subscription.js';

interface Subscription {
  id: string;
  connector: string;
  channels: string[];
  state: string;
  revision: number;
  public_keys?: string[];
  public_key_ids?: string[];
  hand_over?: Record<string, string | string[]>;
}

interface Grouped {
  group?: string;
}

function lines(subscription: Subscription): string[] {
  const { id, connector, channels, state, revision, public_keys = [], public_key_ids = [], hand_over } = subscription;
  return [
    `${id}  ${state}  ${connector}, revision ${revision}, channels ${channels.join(', ')}`,
    ...(hand_over
      ? [
          ...Object.entries(hand_over).map(([name, value]) => `  ${name}: ${[value].flat().join(' ')}`),
          '  Keep this: it is shown this once.',
        ]
      : public_keys.map((key, index) => `  verified by ${key} (${public_key_ids[index]})`)),
  ];
}

interface Asked extends FilesAsked {
  connector: string;
  channels: string;
  url?: string;
  signature?: string;
  types?: string;
  harms?: string;
  languages?: string;
  ceilings?: string;
  preview?: true;
}

interface Preview {
  channel: string;
  rows: number;
  complete: boolean;
  types: Record<string, number>;
  harms: Record<string, number>;
  ceilings: Record<string, number>;
}

/** Conditions that are not said are left out. */
function filterOf({ types, harms, languages, ceilings }: Asked): Record<string, string[]> {
  const said = Object.entries({ types, harms, languages, ceilings });
  return Object.fromEntries(said.flatMap(([name, words]) => (words === undefined ? [] : [[name, words.split(',')]])));
}

function previewLines({ channel, rows, complete, types, harms, ceilings }: Preview): string[] {
  const counts = (words: Record<string, number>): string =>
    Object.entries(words)
      .map(([word, count]) => `${word} ${count}`)
      .join(', ');
  return [
    `${channel}: ${complete ? '' : 'at least '}${rows} live rows`,
    ...(rows === 0
      ? []
      : [`  types: ${counts(types)}`, `  harms: ${counts(harms)}`, `  ceilings: ${counts(ceilings)}`]),
  ];
}

interface Walk {
  channel: string;
  walk: string;
  position: string;
  head: string;
  lag: number;
  parked: number;
  withheld?: string;
  endpoint: { state: string; failing_since?: string; paused_at?: string; last_detail?: string };
}

/** The endpoint first, which all channels share, then channel by channel. */
function statusLines(walks: readonly Walk[]): string[] {
  const { state = 'working', failing_since, paused_at, last_detail } = walks[0]?.endpoint ?? {};
  const since = paused_at ?? failing_since;
  return [
    `endpoint ${state}${since === undefined ? '' : ` since ${since}`}${last_detail === undefined ? '' : `: ${last_detail}`}`,
    ...walks.map(({ channel, walk, position, head, lag, parked, withheld }) =>
      [
        `${channel}: ${walk} at ${position} of ${head}, ${lag} to go`,
        ...(parked > 0 ? [`${parked} parked`] : []),
        ...(withheld === undefined ? [] : [`withheld: ${withheld}`]),
      ].join(', '),
    ),
  ];
}

/** `tocsin platforms …`: an operator admits a platform; its admin tends its subscriptions. */
export function addPlatforms({ program, api, printer }: Tool): void {
  const platforms = program.command('platforms').description('platforms and their subscriptions');
  platforms
    .command('add <name>')
    .description('admit a platform with an admin, and propose the admin’s key (operators)')
    .requiredOption('--country <cc>', 'country of establishment')
    .requiredOption('--kind <word>', 'video, forum, …')
    .option('--admin <name>', 'how the platform calls its admin', 'admin')
    .option('--group <word>', 'the company that it is of, in a word; without it the platform is a group of its own')
    .action((name: string, { country, kind, admin, group }: Record<'country' | 'kind' | 'admin', string> & Grouped) =>
      printer.guard(async () => {
        const platform = await api.console<{ id: string }>('POST', '/v1/organisations', {
          json: { kind: 'platform', name, country, platform_kind: kind, corporate_group: group },
        });
        const person = await api.console<{ id: string }>('POST', `/v1/organisations/${platform.id}/people`, {
          json: { name: admin, roles: ['admin'] },
        });
        const proposal = await api.console<Proposal>('POST', '/v1/proposals', {
          json: { action: 'issue-key', subject: { person: person.id }, reason: `the first key of ${admin} of ${name}` },
        });
        printer.answer({ platform, person, proposal }, [
          `${platform.id}  ${name}`,
          `  admin ${person.id}`,
          ...proposalLines(proposal),
        ]);
      }),
    );
  const subscribe = platforms
    .command('subscribe')
    .description('ask for channels (a platform’s admin)')
    .requiredOption('--connector <id>', 'webhook, kafka, signed-file, feed, look-up or hma')
    .requiredOption('--channels <ids>', 'separated by commas')
    .option('--url <address>', 'where webhooks go')
    .option('--signature <kind>', 'ed25519 or hmac')
    .option('--types <words>', 'only signals of these types; bulletin for the words of advisories')
    .option('--harms <words>', 'only these harms, and what is finer')
    .option('--languages <tags>', 'only these languages, and what says none')
    .option('--ceilings <words>', 'only these ceilings')
    .option('--preview', 'only count what would come');
  for (const [flag, says] of FILE_OPTIONS) subscribe.option(flag, says);
  subscribe.action((given: Asked) =>
    printer.guard(async () => {
      const filter = filterOf(given);
      const { connector, preview } = given;
      const channels = given.channels.split(',');
      if (preview) {
        const json = { connector, channels, filter };
        const answer = await api.console<{ channels: Preview[] }>('POST', '/v1/subscriptions/preview', { json });
        return printer.answer(answer, answer.channels.flatMap(previewLines));
      }
      const settings = {
        ...(given.url ? { url: given.url } : {}),
        ...(given.signature ? { signature: given.signature } : {}),
        ...(await fileSettings(given)),
      };
      const json = { connector, channels, filter, settings };
      const subscription = await api.console<Subscription>('POST', '/v1/subscriptions', { json });
      printer.answer(subscription, lines(subscription));
    }),
  );
  platforms
    .command('list')
    .description('subscriptions that you may see, with the public keys by which deliveries are verified now')
    .action(() =>
      printer.guard(async () => {
        const answer = await api.console<{ subscriptions: Subscription[] }>('GET', '/v1/subscriptions');
        printer.answer(
          answer,
          answer.subscriptions.length > 0 ? answer.subscriptions.flatMap(lines) : ['no subscriptions'],
        );
      }),
    );
  platforms
    .command('status')
    .description('how far deliveries have come, and whether the endpoint takes them')
    .argument('<subscription>', 'its id, or the name or id of a platform that has one subscription')
    .action((word: string) =>
      printer.guard(async () => {
        const id = await namedSubscription(api, word);
        const walks = await api.console<Walk[]>('GET', `/v1/subscriptions/${encodeURIComponent(id)}/status`);
        printer.answer(walks, walks.length > 0 ? statusLines(walks) : ['nothing is sent by this subscription']);
      }),
    );
  addSubscriptionActs(platforms, { program, api, printer });
}

function addSubscriptionActs(platforms: Tool['program'], { api, printer }: Tool): void {
  const act = (
    name: string,
    path: string,
    what: string,
    options: [flag: string, says: string, needed: boolean][],
    read: (given: Record<string, string>) => object | Promise<object>,
  ): void => {
    const command = platforms
      .command(name)
      .description(what)
      .argument('<subscription>', 'its id, or the name or id of a platform that has one subscription');
    for (const [flag, says, needed] of options)
      if (needed) command.requiredOption(flag, says);
      else command.option(flag, says);
    command.action((word: string, given: Record<string, string>) =>
      printer.guard(async () => {
        const id = await namedSubscription(api, word);
        const subscription = await api.console<Subscription>(
          'POST',
          `/v1/subscriptions/${encodeURIComponent(id)}/${path}`,
          { json: await read(given) },
        );
        printer.answer(subscription, lines(subscription));
      }),
    );
  };
  act('pause', 'pause', 'stop content; withdrawals go on', [['--reason <words>', 'why', false]], ({ reason }) => ({
    reason,
  }));
  act(
    'resume',
    'resume',
    'go on where it stopped, withdrawals first',
    [['--reason <words>', 'why', false]],
    ({ reason }) => ({ reason }),
  );
  act(
    'rotate',
    'secrets',
    'new secrets, the old ones stay good for a while',
    [
      ['--overlap-hours <number>', 'hours', true],
      ['--bucket-keys <file>', 'new keys of the bucket, as at the subscription', false],
    ],
    async ({ overlapHours, bucketKeys }) => ({
      overlap_hours: Number(overlapHours),
      ...(bucketKeys !== undefined && { given: await readBucketKeys(bucketKeys) }),
    }),
  );
  act(
    'leave',
    'departure',
    'end the subscription for good',
    [
      ['--policy <word>', 'keep-until-expiry or delete-all', true],
      ['--reason <words>', 'why', true],
    ],
    ({ policy, reason }) => ({ policy, reason }),
  );
}
