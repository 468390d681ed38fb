import { byteSource } from '#libs/testing';
import { formatById } from '#libs/formats';
import { RecordPacker, type Packed } from './pack-records.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';

async function pack(format: string, document: string): Promise<Packed> {
  const packer = new RecordPacker();
  for await (const { items } of formatById(format).read(byteSource(document), { batchSize: 10 }))
    for (const item of items) packer.take(item);
  return packer.result;
}

describe('packing', () => {
  it('makes the same id for the same signals, and counts what it leaves out', async () => {
    const packed = await pack('value-list', `${MD5}\nnot a value\n192.0.2.1\n`);
    expect(packed).toMatchObject({
      records: [{ record: 'item', signals: [{ type: 'md5', value: MD5 }] }],
      leftOut: { TOC_ITEM_TYPE: 1, 'ignored: ipv4-addr': 1 },
    });
    expect(await pack('value-list', `${MD5}\n`)).toMatchObject({ records: packed.records });
  });

  it('keeps ids and versions of objects, and the strictest label of all', async () => {
    const uuid = '5b8d9d33-ccf0-4fd9-82dc-000000000001';
    const attribute = { uuid, type: 'md5', to_ids: true, timestamp: '1767607200', value: MD5 };
    const event = (more: object, tag: string): object => ({
      Event: { info: 'x', Tag: [{ name: tag }], Attribute: [{ ...attribute, ...more }] },
    });
    const document = {
      response: [event({}, 'tlp:green'), event({ deleted: true }, 'tlp:clear'), event({}, 'tlp:amber')],
    };
    expect(await pack('misp', JSON.stringify(document))).toMatchObject({
      tlp: 'amber',
      records: [
        { record: 'item', id: `misp-attribute--${uuid}`, modified: '2026-01-05T10:00:00.000Z' },
        { record: 'retraction', id: `misp-attribute--${uuid}` },
        { record: 'item' },
      ],
    });
  });
});
