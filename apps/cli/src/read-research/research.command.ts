import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface Listed {
  releases: { quarter: string; published_at: string; sha256: string }[];
}

interface Proof {
  quarter: string;
  sha256: string;
  rebuilt_sha256: string;
  same: boolean;
}

/** `tocsin research` and `tocsin prove-research QUARTER`. */
export function addResearch({ program, api, printer }: Tool): void {
  program
    .command('research')
    .description('quarters of which there is open data for anybody')
    .action(() =>
      printer.guard(async () => {
        const listed = await api.platform<Listed>('GET', '/v1/research-releases');
        const lines = listed.releases.map(({ quarter, published_at: at, sha256 }) => [
          quarter,
          at.slice(0, 10),
          `sha256 ${sha256}`,
        ]);
        printer.answer(listed, lines.length > 0 ? columns(lines) : ['no quarter was published yet']);
      }),
    );
  program
    .command('prove-research <quarter>')
    .description('count a published quarter again, and compare (operators, overseers)')
    .action((quarter: string) =>
      printer.guard(async () => {
        const proof = await api.console<Proof>('GET', `/v1/research-releases/${encodeURIComponent(quarter)}/proof`);
        printer.answer(proof, [
          proof.same
            ? `${proof.quarter} comes out the same, to the byte: sha256 ${proof.sha256}`
            : `${proof.quarter} comes out otherwise: sha256 ${proof.rebuilt_sha256}, published was ${proof.sha256}`,
        ]);
      }),
    );
}
