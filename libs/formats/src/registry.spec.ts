import { FORMATS, defineRegistry } from './registry.js';
import { valueList } from './value-list/value-list.js';

describe('the registry of formats', () => {
  it('refuses an id twice, and ids that are not kebab-case', () => {
    expect(() => defineRegistry([valueList, { ...valueList, title: 'Another' }])).toThrow(/two formats/);
    for (const id of ['', 'Value', 'value_list', '-list', 'list-', '1list']) {
      expect(() => defineRegistry([{ ...valueList, id }])).toThrow(/kebab-case/);
    }
  });

  it('has the ids that are stored; none of them may ever change', () => {
    expect([...FORMATS.keys()]).toEqual([
      'stix21',
      'guard',
      'misp',
      'cap12',
      'ncmec-hash-list',
      'tat-hash-list',
      'threatexchange',
      'value-list',
      'csv-list',
      'ndjson-list',
      'text',
      'opened-container',
    ]);
  });
});
