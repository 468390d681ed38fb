import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from '../local-exchange/api-client.js';
import type { LocalExchange } from '../local-exchange/local-exchange.js';
import { LookUpPlatform } from './fetching-platforms.js';
import { openPlatforms } from './open-platforms.js';
import type { HeldState, RunningPlatform } from './running-platform.js';
import { SentToPlatform } from './sent-to-platforms.js';
import { undoSubmitter } from './undo-submitter.js';

const CHANNEL = 'everyone';
const AGENCY = 'Harbour Content Office';
const FEEDBACK_ITEMS = 1000;
const LOOK_MS = 200;
const TOO_LONG_MS = 10 * 60_000;

const STATEMENT = {
  harm: 'tvec',
  context: 'perpetrator-produced',
  legal_basis: 'Example Online Harms Act 2019, section 4',
  nature: 'information',
  origin: 'own-finding',
  valid_for: '30',
  tlp: 'green',
  contact_desk: 'night-desk',
  channels: CHANNEL,
};

/** Seconds until the last row and the last withdrawal; of one that was offline, from when it was back. */
interface PlatformTimes {
  rows_after: number;
  withdrawals_after: number;
}

/** How one platform came through. */
export interface PlatformOutcome extends PlatformTimes {
  name: string;
  path: string;
  /** What became of it on the way. */
  was: 'there' | 'offline' | 'gone';
  /** All rows, but of one that looks up: those that answer to what it asked. */
  should_receive: number;
  received: number;
  should_withdraw: number;
  withdrawn: number;
  live: number;
  confirmed: number;
}

/** The proof of reach of a retraction, as intake gives it to its agency and the console to operators. */
export interface ToldOfRetraction {
  retraction_id: string;
  followed: boolean;
  rows: number;
  had: number;
  told: number;
  confirmed: number;
  open: number;
  /** To the agency: platforms that operators follow for it. */
  followed_by_operators?: { platforms: number; closed_by_statement: number };
  /** To operators: the words of platforms. */
  outcomes?: { outcome: string; platforms: number; rows: number }[];
  platforms: { platform: string; told: boolean; confirmed: boolean }[];
}

/** What the run found. */
export interface RunReport {
  rows: number;
  retracted: number;
  platforms: PlatformOutcome[];
  /** Of the retraction as a whole, as its agency and as an operator are told. */
  retraction: { agency: ToldOfRetraction; operator: ToldOfRetraction };
  /** Of every row looked at: platforms that are known to have been told of it, and that confirmed its end. */
  reach: { told: number; disclosed: number; confirmed: number }[];
  /** Seconds of each part. */
  seconds: Record<string, number>;
}

interface Submitted {
  id: string;
}
interface Told {
  state: string;
  advisories: { id: string }[];
}

function digests(seed: string, lines: number): string[] {
  return Array.from({ length: lines }, (_, line) =>
    createHash('sha256').update(`reach run/${seed}/${line}`).digest('hex'),
  );
}

/**
 * Every kind of platform receives the same rows; some of them are retracted while two platforms are offline and one has
 * left; everyone is told, says so, and the proof of reach closes.
 */
export class ReachRun {
  private readonly seconds: Record<string, number> = {};
  private readonly times = new Map<string, PlatformTimes>();

  private constructor(
    private readonly exchange: LocalExchange,
    private readonly platforms: readonly RunningPlatform[],
    private readonly say: (sentence: string) => void,
  ) {}

  /**
   * @param exchange a new one, with the receivers of the demonstration
   * @param without the platform that leaves the channel before anything is sent, as one that is slow on purpose
   */
  static async open(exchange: LocalExchange, say: (sentence: string) => void, without?: string): Promise<ReachRun> {
    const all = await openPlatforms(exchange, CHANNEL);
    const run = new ReachRun(
      exchange,
      all.filter(({ name }) => name !== without),
      say,
    );
    if (without !== undefined) await run.leave(without);
    return run;
  }

  /**
   * @param rows in all
   * @param retracted so many of them
   * @param by the officer's retraction, or two operators who undo what was submitted in a window of time
   */
  async run(rows: number, retracted: number, by: 'retraction' | 'undo' = 'retraction'): Promise<RunReport> {
    const staying = digests('staying', rows - retracted);
    const going = digests('going', retracted);
    const all = [...staying, ...going];
    let from = new Date();
    const retractable = await this.time('submitted, to the last row at the last platform', async () => {
      await this.submit(staying);
      from = new Date();
      const id = await this.submit(going);
      const holdsAll = (held: readonly HeldState[], platform: RunningPlatform): boolean =>
        held.length >= platform.shouldHold(all);
      await this.everywhere(this.platforms, holdsAll, 'all rows', 'rows_after');
      return id;
    });
    for (const platform of this.platforms) if (platform instanceof LookUpPlatform) await platform.ask();
    const received = new Map<string, number>();
    for (const platform of this.platforms) received.set(platform.name, (await platform.held()).length);

    const failing = this.platforms.find((one) => one instanceof SentToPlatform && one.name === 'Framehub');
    if (!(failing instanceof SentToPlatform)) throw new Error('the exchange runs without receivers');
    const offline = [failing.name, 'Farshore Images'];
    const gone = 'Pinegrove Forum';
    await failing.beOffline(true);
    await this.leave(gone);
    const there = this.platforms.filter(({ name }) => !offline.includes(name));
    const isTold = (held: readonly HeldState[], platform: RunningPlatform): boolean =>
      held.filter(({ state }) => state === 'withdrawn').length >= platform.shouldHold(going);
    const retraction = await this.time('retracted, to the last withdrawal at those that are there', async () => {
      const id = by === 'undo' ? await this.undo(retractable, from, retracted) : await this.retract(retractable);
      await this.everywhere(there, isTold, 'all withdrawals', 'withdrawals_after');
      return id;
    });
    await this.time('back again, to the last withdrawal at those that were offline', async () => {
      await failing.beOffline(false);
      await this.resume(failing.name);
      const back = this.platforms.filter(({ name }) => offline.includes(name));
      await this.everywhere(back, isTold, 'all withdrawals', 'withdrawals_after');
    });
    const confirmed = new Map<string, number>();
    await this.time('confirmed by everybody', async () => {
      for (const platform of this.platforms) confirmed.set(platform.name, await this.confirm(platform));
    });
    const proof = await this.time('proof of reach of the retraction closed', () => this.closed(retraction));
    const reach = await this.time('proof of reach of single rows read', () => this.reach());
    return {
      ...{ rows, retracted, retraction: proof, reach, seconds: this.seconds },
      platforms: await Promise.all(
        this.platforms.map(async (platform): Promise<PlatformOutcome> => {
          const held = await platform.held();
          const withdrawn = held.filter(({ state }) => state === 'withdrawn').length;
          return {
            ...this.timesOf(platform.name),
            ...{ name: platform.name, path: platform.path, withdrawn, live: held.length - withdrawn },
            was: platform.name === gone ? 'gone' : offline.includes(platform.name) ? 'offline' : 'there',
            ...{ should_receive: platform.shouldHold(all), should_withdraw: platform.shouldHold(going) },
            received: received.get(platform.name) ?? 0,
            confirmed: confirmed.get(platform.name) ?? 0,
          };
        }),
      ),
    };
  }

  private async time<Result>(what: string, does: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    const result = await does();
    this.seconds[what] = (performance.now() - started) / 1000;
    this.say(`  ${what}: ${this.seconds[what].toFixed(1)} s`);
    return result;
  }

  private get officer(): ApiClient {
    return new ApiClient(this.exchange.url('intake'), this.exchange.key(AGENCY, 'officer'));
  }

  /** @returns the receipt's id */
  private async submit(values: readonly string[]): Promise<string> {
    const path = `/v1/submissions?${new URLSearchParams(STATEMENT).toString()}`;
    const { id } = await this.officer.send<Submitted>('POST', path, values.join('\n'), {
      'content-type': 'text/plain',
    });
    return id;
  }

  /** @returns the retraction's id, which is that of the submission that was undone */
  private async undo(submission: string, from: Date, assertions: number): Promise<string> {
    const agency = this.exchange.file.state.organisations[AGENCY] ?? '';
    await undoSubmitter(this.exchange.operators(), agency, { from, assertions });
    return submission;
  }

  /** @returns the retraction's id */
  private async retract(submission: string): Promise<string> {
    const { advisories } = await this.officer.call<Told>('GET', `/v1/submissions/${submission}`);
    const path = `/v1/advisories/${advisories[0]?.id}/retractions`;
    return (await this.officer.call<Submitted>('POST', path, { reason: 'issued-in-error' })).id;
  }

  /**
   * Waits until nobody owes a word about the retraction any more, and it is proved that everybody was told. Platforms come
   * back meanwhile, by which what they fetched last is proved. @throws what is open after ten minutes
   */
  private async closed(retraction: string): Promise<RunReport['retraction']> {
    const [operators] = this.exchange.operators();
    for (const until = Date.now() + TOO_LONG_MS; ; await sleep(LOOK_MS)) {
      for (const platform of this.platforms) await platform.catchUp();
      const path = `/v1/retractions/${retraction}/reach`;
      const operator = await operators.call<ToldOfRetraction>('GET', path).catch(() => undefined);
      if (operator?.followed && operator.open === 0 && operator.told === operator.had) {
        const agency = await this.officer.call<ToldOfRetraction>('GET', `/v1/submissions/${retraction}/reach`);
        return { agency, operator };
      }
      if (Date.now() > until) throw new Error(`the retraction's duties are not closed: ${JSON.stringify(operator)}`);
    }
  }

  private async everywhere(
    platforms: readonly RunningPlatform[],
    holds: (held: readonly HeldState[], platform: RunningPlatform) => boolean,
    what: string,
    time: keyof PlatformTimes,
  ): Promise<void> {
    const started = Date.now();
    const wait = async (platform: RunningPlatform): Promise<void> => {
      for (;;) {
        await platform.catchUp();
        const held = await platform.held();
        const elapsed = Date.now() - started;
        if (holds(held, platform)) return void (this.timesOf(platform.name)[time] = elapsed / 1000);
        if (elapsed > TOO_LONG_MS) {
          const withdrawn = held.filter(({ state }) => state === 'withdrawn').length;
          throw new Error(`${platform.name} has not ${what}: it holds ${held.length} rows, ${withdrawn} withdrawn`);
        }
        await sleep(LOOK_MS);
      }
    };
    await Promise.all(platforms.map(wait));
  }

  private timesOf(platform: string): PlatformTimes {
    const times = this.times.get(platform) ?? { rows_after: Number.NaN, withdrawals_after: Number.NaN };
    this.times.set(platform, times);
    return times;
  }

  private admin(platform: string): { console: ApiClient; subscription: string } {
    const subscription = this.exchange.file.state.subscriptions[platform]?.id;
    if (!subscription) throw new Error(`${platform} has no subscription`);
    return {
      console: new ApiClient(this.exchange.url('console'), this.exchange.key(platform, 'admin')),
      subscription,
    };
  }

  private async leave(platform: string): Promise<void> {
    const { console: api, subscription } = this.admin(platform);
    const departure = { policy: 'keep-until-expiry', reason: 'it takes part no longer' };
    await api.call('POST', `/v1/subscriptions/${subscription}/departure`, departure);
  }

  /** What a person does after an outage, so that nobody waits for the next try. */
  private async resume(platform: string): Promise<void> {
    const { console: api, subscription } = this.admin(platform);
    await api.call('POST', `/v1/subscriptions/${subscription}/resume`, { reason: 'the outage is over' });
  }

  /** @returns of how many withdrawn rows the platform's word was taken */
  private async confirm(platform: RunningPlatform): Promise<number> {
    const withdrawn = (await platform.held()).filter(({ state }) => state === 'withdrawn');
    let taken = 0;
    for (let from = 0; from < withdrawn.length; from += FEEDBACK_ITEMS) {
      const items = withdrawn.slice(from, from + FEEDBACK_ITEMS).map(({ row_id, version }) => ({
        ...{ kind: 'confirmation', channel: CHANNEL, row_id, version },
        outcome: platform.path === 'kafka' ? 'removed' : 'restored',
      }));
      taken += (await platform.client.call<{ accepted: number }>('POST', '/v1/feedback', items)).accepted;
    }
    return taken;
  }

  /** Of every hundredth withdrawn row. */
  private async reach(): Promise<RunReport['reach']> {
    const [first] = this.platforms;
    const withdrawn = ((await first?.held()) ?? []).filter(({ state }) => state === 'withdrawn');
    const [operator] = this.exchange.operators();
    const reach: RunReport['reach'] = [];
    for (const { row_id: row } of withdrawn.filter((_, index) => index % 100 === 0)) {
      const { told, disclosed, confirmed } = await operator.call<RunReport['reach'][number]>(
        'GET',
        `/v1/rows/${row}/reach?channel=${CHANNEL}`,
      );
      reach.push({ told, disclosed, confirmed });
    }
    return reach;
  }
}
