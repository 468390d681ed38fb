import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { ToldContents } from '#libs/containers';
import { decrypt, encrypt, type KeyRing } from '#libs/access';
import { fault } from '#libs/domain';

const KEY_BYTES = 32;

/** The key of one submission as it is stored: encrypted by a key of the ring `submission-wrapping`. */
export interface WrappedKey {
  wrappingKeyId: string;
  wrapped: Buffer;
}

const contextOfKey = (submissionId: string): string => `submission/${submissionId}/key`;
const contextOfParameters = (submissionId: string): string => `submission/${submissionId}/parameters`;
const contextOfContents = (submissionId: string): string => `submission/${submissionId}/contents`;
const contextOfObject = (submissionId: string, place: number): string => `submission/${submissionId}/object/${place}`;
const contextOfList = (submissionId: string): string => `submission/${submissionId}/objects`;
const contextOfPart = (submissionId: string, seq: number): string => `submission/${submissionId}/part/${seq}`;

/**
 * The key of one submission. While the submission is received it exists in memory alone; what was written with it is
 * worth nothing until the last commit stores the key.
 */
export class SubmissionKey {
  private key?: KeyObject;

  /** @param bytes overwritten here: the key object has its own, which are cleared when they are freed */
  private constructor(
    readonly submissionId: string,
    bytes: Buffer,
  ) {
    this.key = createSecretKey(bytes);
    bytes.fill(0);
  }

  static make(submissionId: string): SubmissionKey {
    return new SubmissionKey(submissionId, randomBytes(KEY_BYTES));
  }

  /** @throws a fault when the wrapping key is not there or the bytes do not belong together */
  static unwrap(ring: KeyRing, submissionId: string, { wrappingKeyId, wrapped }: WrappedKey): SubmissionKey {
    const wrapping = ring.byId(wrappingKeyId);
    if (!wrapping) throw fault('the key that wraps the key of a submission is not there');
    return new SubmissionKey(submissionId, decrypt(wrapping.bytes, wrapped, contextOfKey(submissionId)));
  }

  wrap(ring: KeyRing): WrappedKey {
    const { id, bytes } = ring.newest();
    const own = this.secret().export();
    try {
      return { wrappingKeyId: id, wrapped: encrypt(bytes, own, contextOfKey(this.submissionId)) };
    } finally {
      own.fill(0);
    }
  }

  seal(seq: number, part: Buffer): Buffer {
    return encrypt(this.secret(), part, contextOfPart(this.submissionId, seq));
  }

  open(seq: number, sealed: Buffer): Buffer {
    return decrypt(this.secret(), sealed, contextOfPart(this.submissionId, seq));
  }

  sealParameters(parameters: Record<string, unknown>): Buffer {
    return encrypt(this.secret(), Buffer.from(JSON.stringify(parameters)), contextOfParameters(this.submissionId));
  }

  openParameters(sealed: Buffer): Record<string, unknown> {
    const text = decrypt(this.secret(), sealed, contextOfParameters(this.submissionId)).toString();
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Names of files may say something, so they are kept like the bytes. */
  sealContents(contents: ToldContents): Buffer {
    return encrypt(this.secret(), Buffer.from(JSON.stringify(contents)), contextOfContents(this.submissionId));
  }

  openContents(sealed: Buffer): ToldContents {
    return JSON.parse(decrypt(this.secret(), sealed, contextOfContents(this.submissionId)).toString()) as ToldContents;
  }

  /** One object of the document by itself, as it was given. */
  sealObject(place: number, bytes: Buffer): Buffer {
    return encrypt(this.secret(), bytes, contextOfObject(this.submissionId, place));
  }

  openObject(place: number, sealed: Buffer): Buffer {
    return decrypt(this.secret(), sealed, contextOfObject(this.submissionId, place));
  }

  /** Which objects were given. */
  sealList(listed: unknown): Buffer {
    return encrypt(this.secret(), Buffer.from(JSON.stringify(listed)), contextOfList(this.submissionId));
  }

  openList(sealed: Buffer): unknown {
    return JSON.parse(decrypt(this.secret(), sealed, contextOfList(this.submissionId)).toString());
  }

  /** Lets go of the key: nothing is sealed or opened with it any more. */
  destroy(): void {
    this.key = undefined;
  }

  private secret(): KeyObject {
    if (!this.key) throw fault('a sealed text cannot be opened: the key of the submission was let go');
    return this.key;
  }
}
