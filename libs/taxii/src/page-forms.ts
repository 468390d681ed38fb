import { envelopeText, manifestRecord, manifestText, versions, type PageEnd } from './resources.js';

/** An object as a page gives it. */
export interface GivenObject {
  id: string;
  dateAdded: string;
  version: string;
  /** JSON text; empty where only ids and dates are told. */
  text: string;
}

/** How a page is answered. */
export interface PageForm<Given> {
  /** Name of the form. */
  as: string;
  /** Whether objects are given; otherwise only their ids, dates and versions are told. */
  gives: boolean;
  write: (given: readonly Given[], end: PageEnd) => string;
}

/**
 * The three forms of a page: objects (section 5.4), their manifest (5.3), and versions of one object (5.8).
 * @param objectsOf the objects of one of those that a page holds, each with a version
 */
export function pageForms<Given extends { version: string }>(
  objectsOf: (given: Given) => readonly GivenObject[],
): Record<'envelope' | 'manifest' | 'versions', PageForm<Given>> {
  return {
    envelope: {
      ...{ as: 'envelope', gives: true },
      write: (given, end) =>
        envelopeText(
          given.flatMap((one) => objectsOf(one).map(({ text }) => text)),
          end,
        ),
    },
    manifest: {
      ...{ as: 'manifest', gives: false },
      write: (given, end) =>
        manifestText(
          given.flatMap((one) =>
            objectsOf(one).map(({ id, dateAdded, version }) => manifestRecord({ id, date_added: dateAdded, version })),
          ),
          end,
        ),
    },
    versions: {
      ...{ as: 'versions', gives: false },
      write: (given, end) =>
        JSON.stringify(
          versions(
            given.map(({ version }) => version),
            end,
          ),
        ),
    },
  };
}
