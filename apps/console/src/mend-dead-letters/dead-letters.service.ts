import { Injectable } from '@nestjs/common';
import { authorise, type PeerClient, type Principal } from '#libs/access';
import { rejection, TocsinError } from '#libs/domain';
import { Peers } from '../peers.js';

/** A dead letter with the service that keeps it. */
export type KeptDeadLetter = Record<string, unknown> & { service: string };

/** All that could be read, and the services that did not answer. */
export interface DeadLetters {
  dead_letters: KeptDeadLetter[];
  unavailable: string[];
}

/** Finds dead letters wherever they are kept, and has them tried again. */
@Injectable()
export class DeadLettersService {
  private readonly keepers: readonly (readonly [string, PeerClient])[];

  constructor({ normaliser, delivery }: Peers) {
    this.keepers = [
      ['normaliser', normaliser],
      ['delivery', delivery],
    ];
  }

  /** One service that does not answer hides only its own. */
  async list(principal: Principal): Promise<DeadLetters> {
    authorise(principal, 'dead-letter:list');
    const answers = await Promise.all(
      this.keepers.map(async ([service, peer]) => {
        const found = await unlessUnavailable(() => peer.request('GET', '/internal/dead-letters', { principal }));
        return { service, letters: found && lettersIn(found.answer) };
      }),
    );
    return {
      dead_letters: answers.flatMap(({ service, letters = [] }) => letters.map((letter) => ({ ...letter, service }))),
      unavailable: answers.flatMap(({ service, letters }) => (letters ? [] : [service])),
    };
  }

  async read(principal: Principal, id: string): Promise<KeptDeadLetter> {
    authorise(principal, 'dead-letter:list');
    return this.firstKeeper((peer) => peer.request('GET', `/internal/dead-letters/${id}`, { principal }));
  }

  /** Tries a dead letter again. */
  async replay(principal: Principal, id: string): Promise<KeptDeadLetter> {
    authorise(principal, 'dead-letter:replay');
    return this.firstKeeper((peer) =>
      peer.request('POST', `/internal/dead-letters/${id}/replay`, { principal, json: {} }),
    );
  }

  /** The answer of the first service that keeps the letter. */
  private async firstKeeper(ask: (peer: PeerClient) => Promise<unknown>): Promise<KeptDeadLetter> {
    let silent: TocsinError | undefined;
    for (const [service, peer] of this.keepers) {
      try {
        const letter = await ask(peer);
        return { ...(isRecord(letter) ? letter : {}), service };
      } catch (thrown) {
        if (!(thrown instanceof TocsinError)) throw thrown;
        if (thrown.code === 'TOC_PEER_UNAVAILABLE') silent = thrown;
        else if (thrown.code !== 'TOC_ACCESS_NOT_FOUND') throw thrown;
      }
    }
    throw silent ?? rejection('TOC_ACCESS_NOT_FOUND', 'There is no such dead letter.');
  }
}

async function unlessUnavailable(ask: () => Promise<unknown>): Promise<{ answer: unknown } | undefined> {
  try {
    return { answer: await ask() };
  } catch (thrown) {
    if (thrown instanceof TocsinError && thrown.code === 'TOC_PEER_UNAVAILABLE') return undefined;
    throw thrown;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Services answer with a list, or with an object that holds it. */
function lettersIn(answer: unknown): Record<string, unknown>[] {
  const list: unknown = isRecord(answer) ? answer.dead_letters : answer;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
