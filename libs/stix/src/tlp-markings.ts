import type { Tlp } from '#libs/domain';

/** The definitions of the OASIS extension for TLP 2.0, which are the same everywhere. */
const UUIDS: Readonly<Record<Tlp, string>> = {
  clear: '94868c89-83c2-464b-929b-a1a8aa3c8487',
  green: 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  amber: '55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'amber+strict': '939a9414-2ddd-4d32-a0cd-375ea402b003',
  red: 'e828b379-4e03-4974-9ac4-e53a884c97c1',
};
const EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';

function isTlp(word: string): word is Tlp {
  return Object.hasOwn(UUIDS, word);
}

/** The id of a label's definition. A label that is not known marks as the strictest does. */
export function tlpMarkingId(tlp: string): string {
  return `marking-definition--${UUIDS[isTlp(tlp) ? tlp : 'red']}`;
}

/** All definitions, as their owner writes them. */
export function tlpMarkings(): { id: string; type: string; created: string }[] {
  return Object.keys(UUIDS).map((tlp) => ({
    type: 'marking-definition',
    spec_version: '2.1',
    id: tlpMarkingId(tlp),
    created: '2022-10-01T00:00:00.000Z',
    name: `TLP:${tlp.toUpperCase()}`,
    extensions: { [EXTENSION]: { extension_type: 'property-extension', tlp_2_0: tlp } },
  }));
}
