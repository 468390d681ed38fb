import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { ApiClient, ProblemAnswer } from '../local-exchange/api-client.js';
import type { LocalExchange } from '../local-exchange/local-exchange.js';
import { ArrivalWatch, type Arrived, type Expected } from './arrivals.js';
import { COMPLETE, freshDigest, PICTURE_HEAD, stixBundle } from './story-documents.js';

interface Told {
  id: string;
  kind: string;
  state: string;
  counts: Record<string, number>;
  channels: string[];
  advisories: { id: string }[];
  holds: { id: string; reason: string; detail: Record<string, unknown> }[];
}

const HARBOUR = 'Harbour Content Office';
const CELLULE = 'Ministère exemple, cellule en ligne';
const EVERYBODY = ['Framehub', 'Pinegrove Forum', 'Slowpoke Pictures', 'Streamvale'];
const IN_FRANCE = ['Pinegrove Forum'];
const WITHIN_MS = 60_000;

type AtRest = 'settled' | 'held';

/** Lives through a few advisories and prints what becomes of each. */
export class Story {
  private failures = 0;
  private readonly expectations: Expected[] = [];
  private readonly watch: ArrivalWatch;
  private readonly run = Date.now().toString(36);

  constructor(
    private readonly exchange: LocalExchange,
    private readonly print: (line: string) => void,
  ) {
    this.watch = new ArrivalWatch(exchange.receivers);
  }

  /** @returns whether every record arrived everywhere it should, and nowhere else */
  async tell(): Promise<boolean> {
    await this.watch.mark();
    const retracted = await this.listToEveryone();
    await this.stixToFrance();
    await this.missingFields();
    await this.protectedHost();
    await this.emergency();
    await this.picture();
    await this.retract(retracted);
    await this.nothingAstray();
    return this.failures === 0;
  }

  private officer(organisation: string, role = 'officer'): ApiClient {
    return new ApiClient(this.exchange.url('intake'), this.exchange.key(organisation, role));
  }

  private async listToEveryone(): Promise<{ advisory: string; digests: string[] }> {
    this.title('A list of hashes from Harbour Content Office, with one line that is none');
    const digests = ['first', 'second', 'third'].map((word) => freshDigest(this.run, word));
    const document = [...digests, 'this line is no hash'].join('\n');
    const { told, since } = await this.submit(HARBOUR, document, 'text/plain', {
      ...COMPLETE,
      contact_desk: 'night-desk',
    });
    if (told.counts.asserted !== 3 || told.counts.rejected !== 1)
      this.fail('not three of the four lines were published');
    await this.expectArrivals(EVERYBODY, 'signal', 'everyone', digests, since);
    return { advisory: told.advisories[0]?.id ?? '', digests };
  }

  private async stixToFrance(): Promise<void> {
    this.title('A STIX 2.1 bundle from the other agency, for platforms in France');
    const digest = freshDigest(this.run, 'stix');
    const url = `https://paste-${this.run}.example.net/item/1`;
    const { since } = await this.submit(CELLULE, stixBundle(digest, url), 'application/json', {
      ...COMPLETE,
      contact_desk: 'permanence',
      channels: 'france',
    });
    await this.expectArrivals(IN_FRANCE, 'signal', 'france', [digest, url], since);
  }

  private async missingFields(): Promise<void> {
    this.title('A list without a legal basis: held, completed by its officer, published');
    const digest = freshDigest(this.run, 'later');
    const { legal_basis, ...incomplete } = COMPLETE;
    const parameters = { ...incomplete, contact_desk: 'night-desk' };
    const { told } = await this.submit(HARBOUR, digest, 'text/plain', parameters, 'held');
    if (!told.holds.some(({ detail }) => Array.isArray(detail.missing) && detail.missing.includes('legal_basis')))
      this.fail('the missing legal basis was not asked for');
    const since = Date.now();
    await this.officer(HARBOUR).call('PATCH', `/v1/submissions/${told.id}`, { legal_basis });
    this.line('completed by PATCH with a legal basis');
    await this.atRest(HARBOUR, told.id, 'settled');
    await this.expectArrivals(EVERYBODY, 'signal', 'everyone', [digest], since);
  }

  private async protectedHost(): Promise<void> {
    this.title('A link to a news agency: held, let go by another organisation');
    const url = `https://www.reuters.com/world/${this.run}`;
    const parameters = { ...COMPLETE, contact_desk: 'night-desk', ceiling: 'review' };
    const { told } = await this.submit(HARBOUR, `url,note\n${url},seen\n`, 'text/csv', parameters, 'held');
    const [hold] = told.holds;
    if (!hold) return this.fail('the item was not held');
    await this.refusedTo(HARBOUR, hold.id);
    const since = Date.now();
    await this.officer(CELLULE, 'approver').call('POST', `/v1/holds/${hold.id}/release`, {
      reason: 'Checked: the item is a re-upload in a comment.',
    });
    this.line(`released by an approver of ${CELLULE}`);
    await this.atRest(HARBOUR, told.id, 'settled');
    await this.expectArrivals(EVERYBODY, 'signal', 'everyone', [url], since);
  }

  private async refusedTo(organisation: string, hold: string): Promise<void> {
    const refused = await this.officer(organisation)
      .call('POST', `/v1/holds/${hold}/release`, { reason: 'by myself' })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    if (refused instanceof ProblemAnswer)
      this.line(`its submitter may not release it: ${String(refused.problem.code)}`);
    else this.fail('the submitter could release the hold');
  }

  private async emergency(): Promise<void> {
    this.title('An emergency: a bulletin and a hash on the emergency channel');
    const digest = freshDigest(this.run, 'emergency');
    const bulletin = {
      title: `Live-streamed attack, copies spreading (${this.run})`,
      what_to_do: 'Match the hash; call the desk when in doubt.',
    };
    const { since } = await this.submit(HARBOUR, digest, 'text/plain', {
      ...COMPLETE,
      contact_desk: 'night-desk',
      channels: 'emergency',
      bulletin: JSON.stringify(bulletin),
    });
    await this.expectArrivals(EVERYBODY, 'signal', 'emergency', [digest], since);
    await this.expectArrivals(EVERYBODY, 'bulletin', 'emergency', [bulletin.title], since);
  }

  private async picture(): Promise<void> {
    this.title('A picture by mistake: refused before anything is stored');
    const refused = await this.officer(HARBOUR)
      .send('POST', '/v1/submissions', PICTURE_HEAD, { 'content-type': 'application/octet-stream' })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    if (refused instanceof ProblemAnswer) this.line(`refused: ${String(refused.problem.detail)}`);
    else this.fail('the picture was accepted');
  }

  private async retract({ advisory, digests }: { advisory: string; digests: string[] }): Promise<void> {
    this.title('Harbour Content Office takes its list back; platforms are asked to restore');
    const since = Date.now();
    const receipt = await this.officer(HARBOUR).call<{ id: string }>('POST', `/v1/advisories/${advisory}/retractions`, {
      reason: 'issued-in-error',
    });
    const told = await this.atRest(HARBOUR, receipt.id, 'settled');
    if (told.counts.asserted !== digests.length) this.fail('not every signal was taken back');
    await this.expectArrivals(EVERYBODY, 'withdrawal', 'everyone', digests, since);
  }

  private async submit(
    organisation: string,
    document: string,
    type: string,
    parameters: Record<string, string>,
    wanted: AtRest = 'settled',
  ): Promise<{ told: Told; since: number }> {
    const since = Date.now();
    const path = `/v1/submissions?${new URLSearchParams(parameters).toString()}`;
    const receipt = await this.officer(organisation).send<{ id: string; format: string }>('POST', path, document, {
      'content-type': type,
    });
    this.line(`receipt ${receipt.id} after ${Date.now() - since} ms, ${receipt.format}`);
    return { told: await this.atRest(organisation, receipt.id, wanted), since };
  }

  /** Waits until a submission is as wanted; what ends otherwise, or not in time, fails the story. */
  private async atRest(organisation: string, id: string, wanted: AtRest): Promise<Told> {
    const until = Date.now() + WITHIN_MS;
    const officer = this.officer(organisation);
    for (;;) {
      const told = await officer.call<Told>('GET', `/v1/submissions/${id}`);
      const ended = ['refused', 'failed', 'settled'].includes(told.state);
      if (told.state === wanted || ended || Date.now() > until) {
        this.line(describe(told));
        if (told.state !== wanted) this.fail(`the submission is ${told.state}, and should be ${wanted}`);
        return told;
      }
      await sleep(15);
    }
  }

  private async expectArrivals(
    platforms: readonly string[],
    what: 'signal' | 'bulletin' | 'withdrawal',
    channel: string,
    about: readonly string[],
    since: number,
  ): Promise<void> {
    const expected: Expected = { platforms, channel, type: what === 'withdrawal' ? what : 'row', about };
    this.expectations.push(expected);
    const { complete, missing } = await this.watch.wait(expected, since, WITHIN_MS);
    const told = `${about.length} ${what}${about.length > 1 ? 's' : ''} on ${channel}`;
    for (const one of complete.sort((a, b) => a.afterMs - b.afterMs)) this.line(arrival(one, what, told));
    for (const { platform, about: lost } of missing) this.fail(`the ${what} about ${lost} did not reach ${platform}`);
  }

  /** Looked for at the end: whatever goes astray has had the time of the whole story. */
  private async nothingAstray(): Promise<void> {
    this.title('Nothing else reached anybody');
    const astray = await this.watch.astray(this.expectations);
    for (const { platform, channel, about } of astray) this.fail(`${about} reached ${platform} on ${channel}`);
    if (astray.length === 0) this.line('what was for France only is in Pinegrove Forum’s hands alone');
  }

  private title(text: string): void {
    this.print(`\n${styleText('bold', `● ${text}`)}`);
  }

  private line(text: string): void {
    this.print(`    ${text}`);
  }

  private fail(text: string): void {
    this.failures += 1;
    this.print(styleText('red', `    ✗ ${text}`));
  }
}

function arrival({ platform, afterMs }: Arrived, what: string, told: string): string {
  const arrow = what === 'withdrawal' ? '←' : '→';
  const delay = `${Math.round(afterMs)} ms`;
  return `${arrow} ${platform.padEnd(19)}${told.padEnd(26)}${delay.padStart(8)}`;
}

/** What became of a submission, in one line. */
function describe({ kind, state, counts, channels, holds }: Told): string {
  const ends = Object.entries(counts).filter(([end, count]) => !['read', 'held'].includes(end) && count > 0);
  const told = ends.map(
    ([end, count]) => `${count} ${kind === 'retraction' && end === 'asserted' ? 'taken back' : end.replace('_', '-')}`,
  );
  if (state === 'held')
    told.push(
      ...holds.map(({ reason, detail }) =>
        Array.isArray(detail.missing) ? `${reason} (${detail.missing.join(', ')})` : reason,
      ),
    );
  return `${state}: ${told.join(', ') || 'nothing read'}${channels.length > 0 ? ` · ${channels.join(', ')}` : ''}`;
}
