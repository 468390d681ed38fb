import { createHash } from 'node:crypto';
import { v5 as uuid } from 'uuid';
import { rejection } from '#libs/domain';
import { JsonSlicer, readStixId, type JsonSlice } from '#libs/formats';
import { readTimestamp } from '#libs/taxii';
import type { ReceivedBytes } from '../accept-submission/document-body.js';

/** Most bytes of an envelope, decompressed. */
export const LONGEST_ENVELOPE = 4 * 1024 * 1024;
const MOST_OBJECTS = 5000;
/** Namespace of the ids of bundles (minted for Tocsin). */
const BUNDLES = '7b1f5c1e-6f0c-4a0e-9f5e-3f1d2f0f7a51';

/** An object of an envelope, as far as a collection has to know it. */
export interface EnvelopeObject {
  /** From 1. */
  place: number;
  /** As it was given. */
  bytes: Buffer;
  /** In lower case; absent of what has none, which no collection can hold. */
  id?: string;
  type: string;
  specVersion: string;
  /** `modified`, else `created`, as written; absent of what has neither. */
  version?: string;
  /** The same as TAXII writes it. */
  versionAt?: string;
}

/** An envelope (TAXII 2.1, section 3.7), and its objects as the bundle that is submitted. */
export interface Envelope {
  objects: EnvelopeObject[];
  document: Buffer;
  received: ReceivedBytes;
}

/**
 * Reads an envelope. What its objects say is for the format to judge.
 * @throws rejections `TOC_SUBMISSION_MALFORMED`, `TOC_SUBMISSION_NESTING`, `TOC_SUBMISSION_EMPTY`, `TOC_SUBMISSION_TOO_LARGE`
 */
export function readEnvelope(body: Buffer): Envelope {
  if (!/^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(body.subarray(0, 1024).toString('latin1')))
    throw rejection('TOC_SUBMISSION_MALFORMED', 'an envelope is a JSON object');
  const slicer = new JsonSlicer({ sliced: { array: 'objects' }, limit: LONGEST_ENVELOPE, bareList: 'this is a list' });
  const slices = slicer.push(body).filter(({ kind }) => kind === 'element');
  slicer.end();
  if (slices.length === 0) throw rejection('TOC_SUBMISSION_EMPTY', 'the envelope has no objects');
  if (slices.length > MOST_OBJECTS)
    throw rejection('TOC_SUBMISSION_TOO_LARGE', `an envelope holds at most ${MOST_OBJECTS} objects`, {
      most: MOST_OBJECTS,
    });
  const objects = slices.map(objectOf);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const head = `{"type":"bundle","id":"bundle--${uuid(sha256, BUNDLES)}","objects":[`;
  const parts = objects.flatMap(({ bytes }, at) => (at === 0 ? [bytes] : [COMMA, bytes]));
  const document = Buffer.concat([Buffer.from(head), ...parts, Buffer.from(']}')]);
  return { objects, document, received: { bytes: body.length, sha256 } };
}

const COMMA = Buffer.from(',');

function objectOf({ bytes = Buffer.alloc(0), index }: JsonSlice): EnvelopeObject {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw rejection('TOC_SUBMISSION_MALFORMED', `object ${index} of the envelope is not JSON`);
  }
  const said = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { id, type, spec_version: specVersion, modified, created } = said;
  const read = readStixId(id);
  const object = { place: index, bytes, type: String(type), specVersion: '2.1' };
  if (!read || read.type !== object.type.toLowerCase()) return object;
  const version = [modified, created].find((time) => typeof time === 'string');
  const versionAt = version === undefined ? undefined : readTimestamp(version);
  // Objects of STIX 2.0 do not say their version, and all of them have times; observables of 2.1 need not say it either.
  const isOlder = specVersion === '2.0' || (specVersion === undefined && versionAt !== undefined);
  return {
    ...object,
    ...(isOlder ? { specVersion: '2.0' } : {}),
    id: read.id,
    ...(versionAt === undefined ? {} : { version, versionAt }),
  };
}
