import { DocumentScanner } from './document-scanner.js';
import type { DeclaredLevel } from './find-level-marks.js';
import { JsonUnescaper } from './json-unescaper.js';
import { TextEncodingCheck } from './text-encoding.js';

/**
 * Looks through a document, part by part and before a part is stored, for what must not be kept: media, markings above
 * the declared level, bytes that are no text. What is split over two parts is found with the second.
 */
export class PartScanner {
  private readonly encoding = new TextEncodingCheck();
  private readonly unescaper = new JsonUnescaper();
  private readonly document: DocumentScanner;
  private started = false;

  constructor(declared: DeclaredLevel) {
    this.document = new DocumentScanner(declared);
  }

  /**
   * @param part the bytes that follow those of the calls before; the first part holds at least the first 400 bytes
   * @throws rejections `TOC_SUBMISSION_MEDIA`, `TOC_SUBMISSION_ABOVE_LEVEL`, `TOC_SUBMISSION_ENCODING`,
   *   `TOC_SUBMISSION_FORMAT`; the fact `byte` says where, near enough to find the place
   */
  scan(part: Buffer): void {
    // A picture is called a picture, not a text in a wrong encoding.
    if (!this.started) this.document.judgeHead(part);
    this.started = true;
    this.encoding.check(part);
    this.document.scan(this.unescaper.pass(part));
  }

  /** Looks at what waited for more text. To be called after the last part. @throws as {@link scan} */
  end(): void {
    this.encoding.end();
    this.document.scan(this.unescaper.rest());
    this.document.finish();
  }
}
