import { SourceProblem, type SourceKind } from './source.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Events by id with the time of their last change, in seconds. */
type Times = Record<string, number>;

function timesIn(body: Buffer): Times {
  let manifest: unknown;
  try {
    manifest = JSON.parse(body.toString('utf8'));
  } catch {
    throw new SourceProblem('the manifest is no JSON');
  }
  if (typeof manifest !== 'object' || manifest === null) throw new SourceProblem('the manifest is no object');
  const times: [string, number][] = [];
  for (const [uuid, event] of Object.entries(manifest as Record<string, unknown>)) {
    if (!UUID.test(uuid) || typeof event !== 'object' || event === null || !('timestamp' in event)) continue;
    const time = Number(event.timestamp);
    if (Number.isFinite(time)) times.push([uuid.toLowerCase(), time]);
  }
  return Object.fromEntries(times.sort(([, a], [, b]) => a - b));
}

const isTimes = (value: unknown): value is Times => typeof value === 'object' && value !== null;

/** A feed of MISP: `url` is its folder with a `manifest.json`; events that changed are handed over, oldest change first. */
export const mispFeedSource: SourceKind = {
  kind: 'misp-feed',
  needs: ['url'],

  async *collect({ url = '', authorization }, checkpoint, { get }) {
    const base = url.endsWith('/') ? url : `${url}/`;
    const headers: Record<string, string> = authorization ? { authorization } : {};
    const seen: Times = isTimes(checkpoint) ? { ...checkpoint } : {};
    const { body } = await get(new URL('manifest.json', base).href, headers, [200]);
    for (const [uuid, time] of Object.entries(timesIn(body))) {
      if ((seen[uuid] ?? 0) >= time) continue;
      const event = await get(new URL(`${uuid}.json`, base).href, headers, [200]);
      seen[uuid] = time;
      yield { name: uuid, bytes: event.body, format: 'misp', checkpoint: { ...seen } };
    }
  },
};
