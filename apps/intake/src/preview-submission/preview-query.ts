import { rejection } from '#libs/domain';

/** Longest query, encoded; heads of requests are bounded at 16 KiB. */
const LONGEST_QUERY = 12_000;

/**
 * Parameters as a query: lists repeat their name, objects are JSON text. Of a bulletin only the title goes along, because
 * a preview asks where its words would go, not what they are.
 * @throws a rejection `TOC_REQUEST_TOO_LARGE`
 */
export function previewQuery(parameters: Record<string, unknown>): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null) continue;
    if (name === 'bulletin') query[name] = JSON.stringify({ title: titleOf(value) });
    else if (Array.isArray(value) && value.every((one) => typeof one === 'string')) query[name] = value;
    else query[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  const length = Object.entries(query)
    .flatMap(([name, value]) =>
      [value].flat().map((one) => encodeURIComponent(name).length + encodeURIComponent(one).length + 2),
    )
    .reduce((sum, one) => sum + one, 0);
  if (length > LONGEST_QUERY) throw rejection('TOC_REQUEST_TOO_LARGE', 'the parameters are too long for a preview');
  return query;
}

function titleOf(bulletin: unknown): string {
  const named = typeof bulletin === 'object' && bulletin !== null && 'title' in bulletin ? bulletin.title : undefined;
  return typeof named === 'string' ? named : '';
}
