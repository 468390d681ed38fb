import type { Bulletin, Statement } from '#libs/domain';
import { peopleDataSafeguard } from './people-data.js';

const FACTS = { permittedLists: new Set<string>(), receivedAt: new Date() };
const PLAIN = { legalBasis: 'Example Act, s 4', unlawfulIn: [] } as unknown as Statement;

function foundIn(said: Partial<Statement>, bulletin?: Bulletin): unknown {
  const ruling = peopleDataSafeguard.judgeStatement?.({ ...PLAIN, ...said }, FACTS, bulletin);
  return ruling?.ruling === 'hold' ? ruling.detail.found : undefined;
}

describe("people's data in releasable text", () => {
  it('holds with the field and the kind, and never with the text', () => {
    expect(foundIn({})).toBeUndefined();
    expect(foundIn({ legalBasis: 'As agreed with Anna Berg, +47 22 12 34 56' })).toEqual([
      'legal_basis: name',
      'legal_basis: phone-number',
    ]);
    expect(foundIn({ unlawfulIn: [{ country: 'NO', provision: 'see john@post.example.org' }] })).toEqual([
      'unlawful_in: e-mail-address',
    ]);
    const bulletin = { title: 'What we know', whatIsHappening: 'Born 3 May 1981.', whatToDo: 'Call +47 22 12 34 56' };
    expect(foundIn({}, bulletin)).toEqual([
      'bulletin.what_is_happening: date-of-birth',
      'bulletin.what_to_do: phone-number',
    ]);
  });

  it('takes the name of an entity as the name that it is, and nothing else in it', () => {
    expect(foundIn({ entity: { name: 'Abu Sayyaf Group', designations: [] } })).toBeUndefined();
    expect(foundIn({ entity: { name: 'a group (+47 22 12 34 56)', designations: [] } })).toEqual([
      'entity: phone-number',
    ]);
  });
});
