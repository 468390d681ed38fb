import { join } from 'node:path';
import { ApiClient } from '../local-exchange/api-client.js';
import { admitPlatform } from '../local-exchange/found-organisations.js';
import type { LocalExchange } from '../local-exchange/local-exchange.js';
import { FilePlatform } from './file-platform.js';
import { FeedPlatform, LookUpPlatform, TaxiiPlatform, type Fetching } from './fetching-platforms.js';
import type { RunningPlatform } from './running-platform.js';
import { SentToPlatform } from './sent-to-platforms.js';

/** The platforms of the demonstration, and one more for each other way to receive, all subscribed to one channel. */
export async function openPlatforms(exchange: LocalExchange, channel: string): Promise<RunningPlatform[]> {
  const client = (name: string): ApiClient => new ApiClient(exchange.url('platform-api'), exchange.key(name, 'admin'));
  const sentTo = exchange.receivers.map((receiver) => new SentToPlatform(receiver, client(receiver.platform), channel));
  const handedOver = new Map<string, { folder?: string; public_keys?: string[] }>();
  const fetching = async (name: string, connector = 'feed'): Promise<Fetching> => {
    await admitPlatform(exchange.file, exchange.operators(), { name, country: 'NZ', kind: 'images' });
    const { hand_over: handOver } = await new ApiClient(exchange.url('console'), exchange.key(name, 'admin')).call<{
      hand_over: { folder?: string; public_keys?: string[] };
    }>('POST', '/v1/subscriptions', { connector, channels: [channel], settings: {} });
    handedOver.set(name, handOver);
    return { name, url: exchange.url('platform-api'), key: exchange.key(name, 'admin'), channel };
  };
  const files = async (name: string): Promise<FilePlatform> => {
    const given = await fetching(name, 'signed-file');
    const { folder = '', public_keys: keys = [] } = handedOver.get(name) ?? {};
    return new FilePlatform(given, join(exchange.filesDir, folder), keys);
  };
  return [
    ...sentTo,
    new FeedPlatform(await fetching('Readstone')),
    new FeedPlatform(await fetching('Farshore Images')),
    new TaxiiPlatform(await fetching('Taxiway')),
    new LookUpPlatform(await fetching('Asklight', 'look-up')),
    await files('Filehaven'),
  ];
}
