import { identityId } from '#libs/stix';
import { ObjectTexts } from './object-texts.js';
import { standingObjects } from './standing-objects.js';

/** How this exchange writes objects: under its own name, with what every collection begins with. */
export class TaxiiObjects {
  readonly standing: ReturnType<typeof standingObjects>;
  readonly texts: ObjectTexts;

  /** @param publicUrl address by which platforms reach this service; empty where it is not known */
  constructor(
    readonly exchangeName: string,
    readonly publicUrl: string,
  ) {
    this.standing = standingObjects(exchangeName);
    this.texts = new ObjectTexts(identityId(exchangeName));
  }
}
