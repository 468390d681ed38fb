import type { FormatExample } from '../format.js';

/** Parts of an alert as its elements, in the order of the schema. */
export function alertOf(
  more: { head?: Record<string, string>; infos?: readonly Record<string, string>[] } = {},
): string {
  const elements = (given: Record<string, string>): string =>
    Object.entries(given)
      .map(([name, text]) => `<${name}>${text}</${name}>`)
      .join('');
  const head = {
    ...{ identifier: '2026-17', sender: 'duty@agency.example', sent: '2026-01-05T10:00:00-00:00' },
    ...{ status: 'Actual', msgType: 'Alert', scope: 'Public' },
    ...more.head,
  };
  const info = {
    ...{ language: 'en-GB', category: 'Security', event: 'Livestreamed attack' },
    ...{ urgency: 'Immediate', severity: 'Extreme', certainty: 'Observed', expires: '2026-01-06T10:00:00-00:00' },
    ...{ headline: 'A livestream of an attack is under way', description: 'It began at 09:40 UTC.' },
    ...{ instruction: 'Match the hashes first.' },
  };
  const infos = (more.infos ?? [{}]).map((said) => `<info>${elements({ ...info, ...said })}</info>`);
  return `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">${elements(head)}${infos.join('')}</alert>`;
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'an alert in two languages',
    document: XML + alertOf({ infos: [{}, { language: 'fr', headline: 'Une attaque est diffusée en direct' }] }),
    expect: { signals: [], ignored: 1 },
  },
  {
    name: 'what replaces it',
    document:
      XML +
      alertOf({
        head: {
          ...{ identifier: '2026-18', sent: '2026-01-05T11:00:00-00:00', msgType: 'Update' },
          references: 'duty@agency.example,2026-17,2026-01-05T10:00:00-00:00',
        },
      }),
    expect: { signals: [], ignored: 1 },
  },
  {
    name: 'a feed with an alert, an exercise and an entry that only points to one',
    document: `${XML}<feed xmlns="http://www.w3.org/2005/Atom"><title>Alerts</title>
<entry><content type="application/cap+xml">${alertOf()}</content></entry>
<entry><content type="application/cap+xml">${alertOf({ head: { identifier: '2026-19', status: 'Exercise' } })}</content></entry>
<entry><link href="https://agency.example/alerts/20.cap"/></entry></feed>
`,
    expect: { signals: [], ignored: 3 },
  },
];
