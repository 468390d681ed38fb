import type { Connector } from './connector.js';
import { connectorById, CONNECTORS, defineRegistry } from './registry.js';
import { webhook } from './webhook/index.js';

function named(id: string): Connector {
  return { ...webhook, id };
}

describe('the registry', () => {
  it('finds every connector by its id, and nothing else', () => {
    for (const connector of CONNECTORS) expect(connectorById(connector.id)).toBe(connector);
    expect(connectorById('telex')).toBeUndefined();
    expect(connectorById('toString')).toBeUndefined();
  });

  it('refuses an id that is taken', () => {
    expect(() => defineRegistry([named('webhook'), named('other'), named('webhook')])).toThrow('registered twice');
  });

  it.each(['', 'Webhook', 'web_hook', '-web', 'web-', 'web--hook', 'web hook', '2nd'])('refuses the id %j', (id) => {
    expect(() => defineRegistry([named(id)])).toThrow('not kebab-case');
  });
});
