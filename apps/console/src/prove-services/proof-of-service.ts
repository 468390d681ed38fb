import { Resolver } from 'node:dns/promises';
import type { Egress } from '#libs/egress';
import { TocsinError } from '#libs/domain';

/** What a platform puts where only whoever runs a host can put it. */
export interface ProofWanted {
  dns: { name: string; type: 'TXT'; value: string };
  file: { url: string; content: string };
}

/** How a proof was found, or why not; both ways are looked at. */
export type ProofFound = { by: 'dns' | 'file' } | { by: undefined; because: { dns: string; file: string } };

/** What proves that a host is a platform's: a text record below it, or a file on it; either is enough. */
export function proofWanted(host: string, token: string): ProofWanted {
  const value = `tocsin-service=${token}`;
  return {
    dns: { name: `_tocsin.${host}`, type: 'TXT', value },
    file: { url: `https://${host}/.well-known/tocsin-service.txt`, content: value },
  };
}

const LOOK = { deadlineMs: 10_000, maxAnswerBytes: 4096 };
const DNS = { timeout: 2_000, tries: 2 };
/** Answers of name servers that say that there is nothing, and not that something went wrong. */
const NOTHING_THERE = new Set(['ENODATA', 'ENOTFOUND']);

/** Looks for proofs in the DNS and by HTTPS through the guarded way out; follows nothing. */
export class ServiceProofs {
  private readonly resolver = new Resolver(DNS);

  /** @param nameServers `address` or `address:port`, instead of the system's */
  constructor(
    private readonly egress: Pick<Egress, 'get'>,
    nameServers: readonly string[] = [],
  ) {
    if (nameServers.length > 0) this.resolver.setServers([...nameServers]);
  }

  async find({ dns, file }: ProofWanted): Promise<ProofFound> {
    const inDns = await this.lookInDns(dns);
    if (inDns === undefined) return { by: 'dns' };
    const inFile = await this.lookInFile(file);
    return inFile === undefined ? { by: 'file' } : { by: undefined, because: { dns: inDns, file: inFile } };
  }

  /** @returns why it is not there; undefined when it is */
  private async lookInDns({ name, value }: ProofWanted['dns']): Promise<string | undefined> {
    try {
      const records = await this.resolver.resolveTxt(name);
      return records.some((parts) => parts.join('') === value) ? undefined : 'its text record says something else';
    } catch (thrown) {
      const code = Error.isError(thrown) && 'code' in thrown ? String(thrown.code) : '';
      return NOTHING_THERE.has(code) ? 'there is no such text record' : 'the name servers did not answer';
    }
  }

  private async lookInFile({ url, content }: ProofWanted['file']): Promise<string | undefined> {
    try {
      const { status, body } = await this.egress.get(url, { accept: 'text/plain' }, LOOK);
      if (status !== 200) return `the file was answered with status ${status}`;
      return body.toString('utf8').split(/\r?\n/).includes(content) ? undefined : 'the file says something else';
    } catch (thrown) {
      if (!(thrown instanceof TocsinError) || thrown.family === 'fault') throw thrown;
      return thrown.detail;
    }
  }
}
