import { randomBytes } from 'node:crypto';
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
  private constructor(
    readonly submissionId: string,
    private readonly bytes: Buffer,
  ) {}

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
    return { wrappingKeyId: id, wrapped: encrypt(bytes, this.bytes, contextOfKey(this.submissionId)) };
  }

  seal(seq: number, part: Buffer): Buffer {
    return encrypt(this.bytes, part, contextOfPart(this.submissionId, seq));
  }

  open(seq: number, sealed: Buffer): Buffer {
    return decrypt(this.bytes, sealed, contextOfPart(this.submissionId, seq));
  }

  sealParameters(parameters: Record<string, unknown>): Buffer {
    return encrypt(this.bytes, Buffer.from(JSON.stringify(parameters)), contextOfParameters(this.submissionId));
  }

  openParameters(sealed: Buffer): Record<string, unknown> {
    const text = decrypt(this.bytes, sealed, contextOfParameters(this.submissionId)).toString();
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Names of files may say something, so they are kept like the bytes. */
  sealContents(contents: ToldContents): Buffer {
    return encrypt(this.bytes, Buffer.from(JSON.stringify(contents)), contextOfContents(this.submissionId));
  }

  openContents(sealed: Buffer): ToldContents {
    return JSON.parse(decrypt(this.bytes, sealed, contextOfContents(this.submissionId)).toString()) as ToldContents;
  }

  /** One object of the document by itself, as it was given. */
  sealObject(place: number, bytes: Buffer): Buffer {
    return encrypt(this.bytes, bytes, contextOfObject(this.submissionId, place));
  }

  openObject(place: number, sealed: Buffer): Buffer {
    return decrypt(this.bytes, sealed, contextOfObject(this.submissionId, place));
  }

  /** Which objects were given. */
  sealList(listed: unknown): Buffer {
    return encrypt(this.bytes, Buffer.from(JSON.stringify(listed)), contextOfList(this.submissionId));
  }

  openList(sealed: Buffer): unknown {
    return JSON.parse(decrypt(this.bytes, sealed, contextOfList(this.submissionId)).toString());
  }

  /** Overwrites the key in memory. */
  destroy(): void {
    this.bytes.fill(0);
  }
}
