import { randomBytes } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const MD5 = randomBytes(16).toString('hex');
const minutes = (number: number): string =>
  new Date(Date.now() + number * 60_000).toISOString().replace(/\.\d+Z$/, '-00:00');

function alert(
  identifier: string,
  sent: string,
  more: { type?: string; references?: string; expires?: string } = {},
): string {
  const { type = 'Alert', references, expires = minutes(600) } = more;
  return `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>${identifier}</identifier><sender>duty@agency.example</sender>
<sent>${sent}</sent><status>Actual</status><msgType>${type}</msgType><scope>Public</scope>
${references ? `<references>${references}</references>` : ''}
<info><language>en-GB</language><category>Security</category><event>Attack</event><urgency>Immediate</urgency><severity>Extreme</severity>
<certainty>Observed</certainty><expires>${expires}</expires><headline>Alert ${identifier}</headline></info></alert>`;
}

const page = (images: string): string =>
  `<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images>${images}</images></queryResult>`;
const entry = (name: string, more: string, id = '1'): string =>
  `<${name}><member id="7">A</member><timestamp>2026-01-05T10:00:00Z</timestamp><id>${id}</id>${more}</${name}>`;

describe('alerts and lists of others', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P-FR', 'FR');
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'NO');
    await rig.database.query(
      `UPDATE directory.organisation SET list_permissions = '[{"list":"ncmec","terms":"agreement 1","until":null}]' WHERE id = $1`,
      [other.id],
    );
  }, 600_000);

  afterAll(() => rig.stop());

  const submit = async (by: RigAgency, document: string, format: string, said: object = COMPLETE) =>
    rig.story(by.officer, await rig.submit(by, document, said, { format }), ['settled']);
  const titles = async (): Promise<(string | undefined)[]> =>
    (await rig.records('everyone')).flatMap((record) => {
      const { type, bulletin } = record as { type: string; bulletin?: { title: string } };
      return type === 'row' && bulletin ? [bulletin.title] : [];
    });
  const withdrawn = async (): Promise<unknown[]> =>
    (await rig.records('everyone'))
      .filter(({ type }) => type === 'withdrawal')
      .map(({ retraction_reason: why }) => why);
  async function eventually(look: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 20_000; !(await look()); await new Promise((resolve) => setTimeout(resolve, 50)))
      if (Date.now() > deadline) throw new Error('it did not happen in time');
  }

  test('an alert is a bulletin until its own agency updates, cancels or corrects it', async () => {
    const sent = minutes(-30);
    await submit(agency, alert('1', sent), 'cap12');
    expect(await titles()).toEqual(['Alert 1']);
    const references = `duty@agency.example,1,${sent}`;
    await submit(other, alert('9', minutes(-29), { type: 'Cancel', references }), 'cap12');
    expect(await withdrawn()).toEqual([]);
    const later = minutes(-20);
    await submit(agency, alert('2', later, { type: 'Update', references }), 'cap12');
    await eventually(async () => (await withdrawn()).length === 1);
    expect([await titles(), await withdrawn()]).toEqual([['Alert 1', 'Alert 2'], ['superseded']]);
    await submit(
      agency,
      alert('3', minutes(-10), { type: 'Error', references: `duty@agency.example,2,${later}` }),
      'cap12',
    );
    await eventually(async () => (await withdrawn()).length === 2);
    expect(await withdrawn()).toEqual(['superseded', 'issued-in-error']);
  });

  test('an alert that has expired is told to be rejected', async () => {
    const story = await submit(agency, alert('4', minutes(-30), { expires: minutes(-5) }), 'cap12');
    expect(story).toMatchObject({
      counts: { ignored: 1, rejected: 0 },
      rejected: [{ position: 0, code: 'TOC_ITEM_TIME', detail: expect.stringMatching(/^the bulletin: /) }],
    });
  });

  test('a list of others needs permission, says itself whose it is, and takes back what it deletes', async () => {
    const { context: _context, harm: _harm, ...words } = COMPLETE as Record<string, unknown>;
    const said = { ...words, origin: 'own-finding', csea_class: 'A2' };
    const list = page(
      entry('image', `<classification>A1</classification><fingerprints><md5>${MD5}</md5></fingerprints>`),
    );
    expect(await submit(agency, list, 'ncmec-hash-list', said)).toMatchObject({
      rejected: [expect.objectContaining({ code: 'TOC_ITEM_ORIGIN' })],
    });
    // Nor does whoever may not submit the list come to own its entries by ending them.
    expect(await submit(agency, page(entry('deletedImage', '')), 'ncmec-hash-list', said)).toMatchObject({
      rejected: [expect.objectContaining({ code: 'TOC_ITEM_ORIGIN' })],
    });
    const preview = await rig.normaliser.request('POST', '/internal/previews', {
      principal: agency.officer,
      query: { ...said, harm: 'csea', valid_for: '30', format: 'ncmec-hash-list', channels: 'everyone' },
      body: Buffer.from(page(entry('deletedImage', ''))),
      contentType: 'application/octet-stream',
    });
    expect(preview).toMatchObject({ rejected: [expect.objectContaining({ code: 'TOC_ITEM_ORIGIN' })] });
    expect((await submit(other, list, 'ncmec-hash-list', said)).counts).toMatchObject({ asserted: 1 });
    expect((await rig.rowsOf('everyone', MD5))[0]).toMatchObject({
      harms: ['csea'],
      assertions: [{ origin: 'third-party-list:ncmec', csea_class: 'A1' }],
    });
    await submit(other, page(entry('deletedImage', '')), 'ncmec-hash-list', said);
    const [row] = (await rig.rowsOf('everyone', MD5)).slice(-1);
    const last = (await rig.records('everyone')).at(-1);
    expect(last).toMatchObject({ type: 'withdrawal', row_id: row?.row_id });
    // Nor does anything stay of an entry whose newest version has nothing that can be used.
    const another = randomBytes(16).toString('hex');
    await submit(
      other,
      page(entry('image', `<fingerprints><md5>${another}</md5></fingerprints>`, '2')),
      'ncmec-hash-list',
      said,
    );
    const [stated] = await rig.rowsOf('everyone', another);
    await submit(
      other,
      page(entry('image', '<fingerprints><md5>none</md5></fingerprints>', '2')),
      'ncmec-hash-list',
      said,
    );
    expect((await rig.records('everyone')).at(-1)).toMatchObject({ type: 'withdrawal', row_id: stated?.row_id });
  });
});
