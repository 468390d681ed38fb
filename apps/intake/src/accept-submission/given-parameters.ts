import { readSubmissionParameters, type SubmissionParameters } from '#libs/events';
import { rejection } from '#libs/domain';
import { parseJson } from '#libs/runtime';

/** Parameters as given, in the query or in a part, before they are checked. */
export type GivenParameters = Record<string, unknown>;

/**
 * Joins what the query and the part `parameters` say.
 * @throws a rejection `TOC_REQUEST_PARAMETER` when both say one parameter
 */
export function joinParameters(query: GivenParameters, part: GivenParameters): GivenParameters {
  const twice = Object.keys(part).filter((name) => Object.hasOwn(query, name));
  if (twice.length > 0) {
    throw rejection('TOC_REQUEST_PARAMETER', 'a parameter stands in the query and in the part parameters', {
      problems: twice.slice(0, 20).map((name) => `${name.slice(0, 60)}: it is said twice`),
    });
  }
  return { ...query, ...part };
}

/**
 * Checks parameters as given.
 * @throws a rejection `TOC_REQUEST_PARAMETER`
 */
export function checkParameters(given: GivenParameters): SubmissionParameters {
  for (const [name, value] of Object.entries(given)) {
    // Objects in a query are JSON text, which must be bounded before anything walks through them.
    if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) continue;
    try {
      parseJson(value);
    } catch {
      throw rejection('TOC_REQUEST_PARAMETER', '1 parameter(s) are not valid', {
        problems: [`${name.slice(0, 60)}: it is no JSON, nested too deeply, or says a key twice`],
      });
    }
  }
  return readSubmissionParameters(given);
}

/** Parameters as they are stored and sent on: plain JSON; the format stands beside them. */
export function plainParameters(parameters: SubmissionParameters): Record<string, unknown> {
  const { format: _format, ...said } = JSON.parse(JSON.stringify(parameters)) as Record<string, unknown>;
  return said;
}
