import { randomUUID } from 'node:crypto';
import type {
  ConnectorContext,
  DeliveryOutcome,
  OutgoingBatch,
  OutgoingRecord,
  SendingConnector,
} from '#libs/connectors';
import { rowRecord, withdrawalRecord } from '#libs/events';

/** One delivery as the receiver got it. */
export interface TakenDelivery {
  /** Everything that must be the same at a repeat: ids, keys, headers and exact bytes, but no time of the attempt. */
  sameAtRepeat: string;
  records: { eventId: string; body: string }[];
}

/** Ways in which a receiver can be made to fail; a way it does not have is shown as a skipped test. */
export interface ReceiverFaults {
  /** Does not want anything that contains this row. */
  refuse?(rowId: string): void;
  /** Asks to be left alone for so many seconds. */
  throttle?(seconds: number): Promise<void> | void;
  /** Is there, and cannot take anything now. */
  fail?(): Promise<void> | void;
  /** Takes the bytes and never answers. */
  hang?(): void;
  /** Is not there at all. */
  vanish?(): Promise<void> | void;
  /** Says that it has gone for good. */
  leave?(): Promise<void> | void;
}

/** A receiver for the contract suite: the real one wherever the fault is one that the real one can give. */
export interface ContractReceiver {
  /** Settings that the connector accepts, as a platform would give them. */
  settings: Record<string, unknown>;
  context: ConnectorContext;
  /** Lets the receiver verify what it gets, from what registration handed over. */
  trust(handOver: Record<string, string | string[]>): void;
  taken(): Promise<TakenDelivery[]> | TakenDelivery[];
  faults: ReceiverFaults;
  stop(): Promise<void>;
}

const CHANNEL = 'everyone';

/** A record with a body of about so many bytes. */
export function anOutgoingRecord(given: Partial<OutgoingRecord> = {}, bytes = 0): OutgoingRecord {
  const rowId = given.rowId ?? randomUUID();
  const version = given.version ?? 1;
  const row = {
    channel: CHANNEL,
    rowId,
    version,
    generation: 1,
    publishedAt: '2026-01-02T03:04:05.000Z',
    drill: false,
  };
  if (given.kind === 'withdrawal') {
    const { id, text } = withdrawalRecord(row, {
      reason: 'retracted',
      retractionReason: 'wrong-person',
      restore: true,
    });
    return { eventId: id, rowId, version, kind: 'withdrawal', body: text, ...given };
  }
  const asserted = JSON.stringify({ harms: ['tvec'], filler: 'x'.repeat(Math.max(0, bytes - 300)) }).slice(1);
  const { id, text } = rowRecord(row, { signal: { type: 'url', value: 'https://ü.example/\u2028' } }, asserted);
  return { eventId: id, rowId, version, kind: 'row', body: text, ...given };
}

/** A batch of these records for one platform. */
export function anOutgoingBatch(records: OutgoingRecord[], given: Partial<OutgoingBatch> = {}): OutgoingBatch {
  return {
    batchId: randomUUID(),
    platformId: 'picturebook',
    platformCountry: 'NO',
    subscriptionId: 'sub-1',
    channelId: CHANNEL,
    revision: 1,
    lane: 'ordinary',
    position: 1,
    records,
    ...given,
  };
}

/** What every connector that sends keeps, whatever it delivers to. Its own wire form is tested beside it. */
export function describeConnector<Settings extends object>(
  connector: SendingConnector<Settings>,
  start: () => Promise<ContractReceiver>,
): void {
  describe(`the connector ${connector.id} keeps the contract`, () => {
    let receiver: ContractReceiver;
    let settings: Settings;
    let secrets: Record<string, string>;

    beforeEach(async () => {
      receiver = await start();
      const registration = await connector.register(
        'picturebook',
        connector.readSettings(receiver.settings),
        receiver.context,
      );
      ({ settings, secrets } = registration);
      receiver.trust(registration.handOver);
    });
    afterEach(() => receiver.stop());

    const deliver = (batch: OutgoingBatch): Promise<DeliveryOutcome> =>
      connector.deliver(batch, settings, secrets, receiver.context);
    const limits = (): { records: number; bytes: number } => connector.batchOf?.(settings) ?? connector.batch;
    const given = (fault: keyof ReceiverFaults): boolean => receiver.faults[fault] !== undefined;

    it('stores settings that it reads back as they are', () => {
      expect(connector.readSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    });

    it('refuses a setting it does not know, by name', () => {
      const read = (): Settings => connector.readSettings({ ...receiver.settings, colour: 'blue-ish' });
      expect(read).toThrow(expect.objectContaining({ code: 'TOC_CONNECTOR_SETTINGS' }));
      expect(read).toThrow(
        expect.objectContaining({ facts: { problems: [expect.stringMatching(/^colour: (?!.*blue-ish)/)] } }),
      );
    });

    it.each([null, [], 'text', 7])('refuses settings that are %j', (wrong) => {
      if (wrong === null && Object.keys(receiver.settings).length === 0) return;
      expect(() => connector.readSettings(wrong)).toThrow(expect.objectContaining({ code: 'TOC_CONNECTOR_SETTINGS' }));
    });

    it('brings records in order, each with its id and the bytes as published', async () => {
      const records = Array.from({ length: Math.min(50, limits().records) }, () => anOutgoingRecord());
      expect(await deliver(anOutgoingBatch(records))).toMatchObject({ outcome: 'sent' });
      const taken = (await receiver.taken()).flatMap((delivery) => delivery.records);
      expect(taken).toEqual(records.map(({ eventId, body }) => ({ eventId, body })));
    });

    it('brings a withdrawal after the content it ends, and as a record with its reason', async () => {
      const content = anOutgoingRecord();
      const withdrawal = anOutgoingRecord({ kind: 'withdrawal', rowId: content.rowId, version: 2 });
      await deliver(anOutgoingBatch([content, withdrawal]));
      const taken = (await receiver.taken()).flatMap((delivery) => delivery.records);
      expect(taken.map(({ eventId }) => eventId)).toEqual([content.eventId, withdrawal.eventId]);
      expect(JSON.parse(taken[1]?.body ?? '')).toMatchObject({
        type: 'withdrawal',
        reason: 'retracted',
        restore: true,
      });
    });

    it('repeats a batch with the same ids and bytes (I8)', async () => {
      const batch = anOutgoingBatch([anOutgoingRecord(), anOutgoingRecord({ kind: 'withdrawal', version: 3 })]);
      expect(await deliver(batch)).toMatchObject({ outcome: 'sent' });
      const later = { ...receiver.context, now: () => new Date(receiver.context.now().getTime() + 2_000) };
      expect(await connector.deliver(batch, settings, secrets, later)).toMatchObject({ outcome: 'sent' });
      const taken = (await receiver.taken()).map((delivery) => delivery.sameAtRepeat);
      expect(taken.length).toBeGreaterThan(1);
      expect(taken.slice(taken.length / 2)).toEqual(taken.slice(0, taken.length / 2));
    });

    it('takes a batch as large as it says, in records', async () => {
      const records = Array.from({ length: limits().records }, () => anOutgoingRecord());
      expect(await deliver(anOutgoingBatch(records))).toMatchObject({ outcome: 'sent' });
      expect((await receiver.taken()).flatMap((delivery) => delivery.records)).toHaveLength(records.length);
    });

    it('takes a batch nearly as large as it says, in bytes', async () => {
      const each = Math.floor((limits().bytes * 0.98) / 10);
      const records = Array.from({ length: 10 }, () => anOutgoingRecord({}, each));
      expect(await deliver(anOutgoingBatch(records))).toMatchObject({ outcome: 'sent' });
      expect((await receiver.taken()).flatMap((delivery) => delivery.records)).toHaveLength(10);
    });

    it.each([
      ['1,000 records', 1000, 0],
      ['more than 5 MB', 6, 1_000_000],
    ])('refuses %s without sending anything', async (_what, count, bytes) => {
      const records = Array.from({ length: count }, () => anOutgoingRecord({}, bytes));
      expect(await deliver(anOutgoingBatch(records))).toMatchObject({ outcome: 'refused' });
      expect(await receiver.taken()).toEqual([]);
    });

    it('says refused when the receiver does not want a record, and nothing when it wants the others', async (): Promise<void> => {
      if (!given('refuse')) return skipped(connector.id, 'refuse');
      const [wanted, unwanted] = [anOutgoingRecord(), anOutgoingRecord()];
      receiver.faults.refuse?.(unwanted.rowId);
      expect(await deliver(anOutgoingBatch([wanted, unwanted]))).toMatchObject({ outcome: 'refused' });
      expect(await deliver(anOutgoingBatch([unwanted]))).toMatchObject({ outcome: 'refused' });
      expect(await deliver(anOutgoingBatch([wanted]))).toMatchObject({ outcome: 'sent' });
    });

    it('waits as long as the receiver asks', async (): Promise<void> => {
      if (!given('throttle')) return skipped(connector.id, 'throttle');
      await receiver.faults.throttle?.(7);
      expect(await deliver(anOutgoingBatch([anOutgoingRecord()]))).toMatchObject({
        outcome: 'unavailable',
        retryAfterMs: 7_000,
      });
    });

    it.each(['fail', 'hang', 'vanish'] as const)('says unavailable when the receiver is made to %s', async (how) => {
      if (!given(how)) return skipped(connector.id, how);
      await receiver.faults[how]?.();
      expect(await deliver(anOutgoingBatch([anOutgoingRecord()]))).toMatchObject({ outcome: 'unavailable' });
    });

    it('says gone when the receiver has left for good', async (): Promise<void> => {
      if (!given('leave')) return skipped(connector.id, 'leave');
      await receiver.faults.leave?.();
      expect(await deliver(anOutgoingBatch([anOutgoingRecord()]))).toMatchObject({ outcome: 'gone' });
    });

    it('keeps secrets, content and addresses out of every outcome', async () => {
      const record = anOutgoingRecord();
      const outcomes = [await deliver(anOutgoingBatch([record]))];
      for (const how of ['fail', 'throttle', 'vanish'] as const) {
        await receiver.faults[how]?.(1);
        outcomes.push(await deliver(anOutgoingBatch([record])));
      }
      const said = JSON.stringify(outcomes);
      const secret = [
        ...Object.values(secrets),
        ...Object.values(settings).filter((value) => typeof value === 'string'),
      ];
      for (const text of [...secret, record.rowId, 'ü.example']) {
        if (text.length > 8) expect(said).not.toContain(text);
      }
    });
  });
}

/** Says aloud that a part of the contract was not tried, since a test cannot be skipped once it runs. */
function skipped(id: string, fault: keyof ReceiverFaults): void {
  process.stderr.write(`connector ${id}: its receiver cannot be made to ${fault}; not tried\n`);
}
