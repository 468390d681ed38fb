import type { RowRecord } from '#libs/events';
import { judgeRow, judgesRows, type RowRules } from './judge-row.js';

const EVERYTHING: RowRules = {
  admitted: { standing: 'full', csea: true },
  filter: {},
  carries: { ceiling: true, drill: true },
  stoppedAgencies: new Set(),
};

function row(given: Partial<RowRecord> = {}, assertions: { agency?: string; language?: string }[] = [{}]): RowRecord {
  return {
    ...{
      id: 'e',
      type: 'row',
      channel: 'everyone',
      row_id: 'r',
      version: 1,
      generation: 1,
      published_at: '',
      drill: false,
    },
    marking: { tlp: 'green', releasable_to: 'all', caveats: [] },
    signal: { type: 'url', value: 'https://example.org/' },
    harms: ['tvec/recruitment'],
    ceiling: 'limit',
    valid_until: '',
    assertions: assertions.map(({ agency = 'a', language }) => ({
      ...{ advisory_id: 'x', agency: { id: agency, name: '', country: 'NL' } },
      language,
    })),
    assertions_total: assertions.length,
    ...given,
  };
}

const verdict = (given: RowRecord, rules: Partial<RowRules>): string => judgeRow(given, { ...EVERYTHING, ...rules });
const filtered = (given: RowRecord, filter: RowRules['filter']): string => verdict(given, { filter });

describe('judging a row', () => {
  it('needs no parsing where nothing is asked', () => {
    expect(judgesRows(EVERYTHING)).toBe(false);
    expect(judgesRows({ ...EVERYTHING, filter: { harms: ['csea'] } })).toBe(true);
    expect(judgesRows({ ...EVERYTHING, carries: { ceiling: false, drill: true } })).toBe(true);
    expect(judgesRows({ ...EVERYTHING, stoppedAgencies: new Set(['a']) })).toBe(true);
  });

  it('gives a platform under match-only no words that were written for people', () => {
    const admitted = { standing: 'match-only', csea: true } as const;
    expect(judgesRows({ ...EVERYTHING, admitted })).toBe(true);
    expect(verdict(row({ signal: undefined, bulletin: { title: 't' } }), { admitted })).toBe('out');
    expect(verdict(row(), { admitted })).toBe('send');
    expect(verdict(row({ signal: { type: 'phrase', value: 'p' } }), { admitted })).toBe('send');
  });

  it('gives nothing of abuse material without a ground for it', () => {
    const admitted = { standing: 'full', csea: false } as const;
    expect(judgesRows({ ...EVERYTHING, admitted })).toBe(true);
    expect(verdict(row({ harms: ['csea'] }), { admitted })).toBe('out');
    expect(verdict(row({ harms: ['tvec', 'csea/material'] }), { admitted })).toBe('out');
    expect(verdict(row({ harms: ['tvec'] }), { admitted })).toBe('send');
    expect(verdict(row({ harms: ['csea'] }), { admitted: { standing: 'match-only', csea: true } })).toBe('send');
  });

  it('goes by type, where a bulletin is a type', () => {
    expect(filtered(row(), { types: ['url', 'sha256'] })).toBe('send');
    expect(filtered(row(), { types: ['sha256'] })).toBe('out');
    const bulletin = row({ signal: undefined, bulletin: { title: 't' } });
    expect(filtered(bulletin, { types: ['url'] })).toBe('out');
    expect(filtered(bulletin, { types: ['bulletin'] })).toBe('send');
  });

  it('goes by harm and what is below it', () => {
    expect(filtered(row(), { harms: ['tvec'] })).toBe('send');
    expect(filtered(row(), { harms: ['tvec/recruitment'] })).toBe('send');
    expect(filtered(row({ harms: ['tvec'] }), { harms: ['tvec/recruitment'] })).toBe('out');
    expect(filtered(row({ harms: ['tvecs'] }), { harms: ['tvec'] })).toBe('out');
    expect(filtered(row({ harms: ['csea', 'tvec'] }), { harms: ['csea'] })).toBe('send');
  });

  it('goes by ceiling and by language, where a language not stated is no other language', () => {
    expect(filtered(row(), { ceilings: ['block'] })).toBe('out');
    expect(filtered(row(), { ceilings: ['limit', 'block'] })).toBe('send');
    expect(filtered(row({}, [{ language: 'en-GB' }]), { languages: ['EN'] })).toBe('send');
    expect(filtered(row({}, [{ language: 'nl' }]), { languages: ['en'] })).toBe('out');
    expect(filtered(row({}, [{}]), { languages: ['en'] })).toBe('send');
    expect(filtered(row({ assertions_total: 60 }, [{ language: 'nl' }]), { languages: ['en'] })).toBe('send');
  });

  it('gives a form without the ceiling only what may be limited or blocked everywhere', () => {
    const rules = { carries: { ceiling: false, drill: true } };
    expect(verdict(row({ ceiling: 'block' }), rules)).toBe('send');
    expect(verdict(row({ ceiling: 'review' }), rules)).toBe('out');
    expect(verdict(row({ ceiling: 'a-word-of-tomorrow' }), rules)).toBe('out');
    expect(verdict(row({ ceiling_by_country: { DE: 'log' } }), rules)).toBe('out');
  });

  it('gives a form without the drill mark no drill', () => {
    const rules = { carries: { ceiling: true, drill: false } };
    expect(verdict(row({ drill: true }), rules)).toBe('out');
    expect(verdict(row(), rules)).toBe('send');
  });

  it('lets a row wait when only stopped agencies assert it', () => {
    const rules = { stoppedAgencies: new Set(['a', 'b']) };
    expect(verdict(row({}, [{ agency: 'a' }, { agency: 'b' }]), rules)).toBe('wait');
    expect(verdict(row({}, [{ agency: 'a' }, { agency: 'c' }]), rules)).toBe('send');
    expect(verdict(row({}, [{ agency: 'a' }]), { ...rules, filter: { types: ['sha256'] } })).toBe('out');
  });
});
