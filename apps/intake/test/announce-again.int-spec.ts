import { createLogger, Telemetry } from '#libs/runtime';
import { Announcements } from '../src/announce-again/announcements.js';
import { ByteEraser } from '../src/erase-bytes/byte-eraser.js';
import { hashList } from './hash-list.js';
import { IntakeRig, type RigPerson } from './intake-rig.js';

describe('telling the normaliser again', () => {
  let rig: IntakeRig;
  let officer: RigPerson;

  beforeAll(async () => {
    rig = await IntakeRig.start();
    await rig.channel('everyone');
    await rig.channel('night', 'emergency');
    officer = await rig.person(await rig.organisation('agency', 'Agency', ['everyone']), 'officer');
  });

  afterAll(() => rig.stop());

  beforeEach(async () => {
    await rig.database.query(
      'TRUNCATE intake.submission, intake.submission_key, intake.part, intake.upload, intake.outbox, intake.audit',
    );
  });

  const submit = async (query = ''): Promise<string> =>
    String((await rig.call(officer, 'POST', `/v1/submissions${query}`, new Uint8Array(hashList(3)))).json.id);

  /** One round of asking, in which the normaliser knows these. */
  const round = async (known: readonly string[] = []): Promise<void> => {
    rig.normaliser.answer = ({ query }) => ({
      status: 200,
      json: (query.get('ids') ?? '')
        .split(',')
        .flatMap((id) => (known.includes(id) ? [{ id, state: 'working', settled_at: null }] : [])),
    });
    const parts = { logger: createLogger('test', 'fatal'), telemetry: new Telemetry('test') };
    const announcements = new Announcements(rig.database, parts.logger, parts.telemetry);
    await new ByteEraser(rig.database, rig.normaliserClient(), announcements, 72, parts).step();
  };
  const later = async (minutes: number): Promise<void> => {
    const by = `- $1 * interval '1 minute'`;
    await rig.database.query(
      `UPDATE intake.submission SET received_at = received_at ${by}, announced_at = announced_at ${by}`,
      [minutes],
    );
    await rig.database.query(`UPDATE intake.outbox SET created_at = created_at ${by}`, [minutes]);
  };
  const relayed = (): Promise<unknown> => rig.database.query('UPDATE intake.outbox SET published_at = now()');
  const records = async (): Promise<string[]> => (await rig.outbox()).map(({ key }) => key);

  test('happens when it does not know one long after the record was carried', async () => {
    const [known, unknown] = [await submit(), await submit('?channels=night&harm=tvec')];
    await relayed();
    await round();
    expect(await records()).toEqual([known, unknown]);
    await later(11);
    await round([known]);
    const [, first, again, ...rest] = await rig.outbox();
    expect(rest).toEqual([]);
    const time = expect.any(String) as string;
    expect(again).toEqual({
      ...first,
      headers: { ...first?.headers, ce_time: time },
      event: { ...first?.event, received_at: time },
    });
    expect(again?.lane).toBe(0);
    expect(await rig.database.query(`SELECT action, subject FROM intake.audit ORDER BY id DESC LIMIT 1`)).toEqual([
      { action: 'announce-again', subject: `submission/${unknown}` },
    ]);
  });

  test('waits for the relay, which may have it still to carry', async () => {
    const id = await submit();
    await later(1000);
    await round();
    expect(await records()).toEqual([id]);
    await relayed();
    await round();
    expect(await records()).toEqual([id, id]);
  });

  test('waits twice as long each time', async () => {
    const id = await submit();
    await relayed();
    for (const [minutes, expected] of [
      [11, 2],
      [9, 2],
      [3, 3],
      [22, 3],
      [3, 4],
    ] as const) {
      await later(minutes);
      await round();
      await relayed();
      expect(await records()).toHaveLength(expected);
    }
    expect(new Set(await records())).toEqual(new Set([id]));
  });

  test('leaves alone what was destroyed', async () => {
    const id = await submit();
    await relayed();
    await later(1000);
    await rig.peer('normaliser').request('POST', `/internal/submissions/${id}/spill`, {
      json: { code: 'TOC_SUBMISSION_MEDIA', detail: 'media' },
    });
    await round();
    expect(await records()).toEqual([id]);
  });

  test('does not happen while the normaliser is away', async () => {
    const id = await submit();
    await relayed();
    await later(1000);
    rig.normaliser.answer = () => undefined;
    const parts = { logger: createLogger('test', 'fatal'), telemetry: new Telemetry('test') };
    const announcements = new Announcements(rig.database, parts.logger, parts.telemetry);
    const eraser = new ByteEraser(rig.database, rig.normaliserClient(), announcements, 72, parts);
    await expect(eraser.step()).rejects.toMatchObject({ code: 'TOC_PEER_UNAVAILABLE' });
    expect(await records()).toEqual([id]);
  });
});
