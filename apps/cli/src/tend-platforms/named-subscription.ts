import { Refusal, type ExchangeApi } from '../call-exchange/exchange-api.js';

interface Known {
  id: string;
  platform_id: string;
  state: string;
}

interface Organisation {
  id: string;
  name: string;
}

/** The platforms by name: all for an operator, for a platform’s own people theirs. */
async function platformsOf(api: ExchangeApi, subscriptions: readonly Known[]): Promise<readonly Organisation[]> {
  try {
    const query = { kind: 'platform' };
    return (await api.console<{ organisations: Organisation[] }>('GET', '/v1/organisations', { query })).organisations;
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.code !== 'TOC_ACCESS_FORBIDDEN') throw thrown;
    const [own] = subscriptions;
    return own ? [await api.console<Organisation>('GET', `/v1/organisations/${own.platform_id}`)] : [];
  }
}

/**
 * The id of a subscription, told by that id, or by the id or name of a platform that has one.
 * @throws Refusal when the platform has none or several, which are then named
 */
export async function namedSubscription(api: ExchangeApi, word: string): Promise<string> {
  const { subscriptions } = await api.console<{ subscriptions: Known[] }>('GET', '/v1/subscriptions');
  if (subscriptions.some(({ id }) => id === word)) return word;
  const live = subscriptions.filter(({ state }) => state !== 'left');
  let mine = live.filter(({ platform_id }) => platform_id === word);
  if (mine.length === 0) {
    const named = (await platformsOf(api, subscriptions)).filter(({ name }) => name === word).map(({ id }) => id);
    mine = live.filter(({ platform_id }) => named.includes(platform_id));
  }
  const [only, ...others] = mine;
  if (only && others.length === 0) return only.id;
  const detail = only
    ? `${word} has several subscriptions, name one: ${mine.map(({ id }) => id).join(', ')}.`
    : `${word} is neither a subscription nor a platform that has one.`;
  throw new Refusal({ status: 0, code: only ? 'TOC_REQUEST_PARAMETER' : 'TOC_ACCESS_NOT_FOUND', detail });
}
