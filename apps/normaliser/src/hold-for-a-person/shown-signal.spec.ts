import { SIGNAL_TYPES } from '#libs/domain';
import { showSignal } from './shown-signal.js';

describe('a signal as it is shown', () => {
  it.each(SIGNAL_TYPES)('of abuse material, only exact hashes are shown in clear: %s', (type) => {
    const exact = ['md5', 'sha1', 'sha256', 'sha512', 'url-sha256'].includes(type);
    const shown = showSignal({ type, value: 'the value' }, true);
    expect(shown).toEqual(exact ? { type, value: 'the value' } : { type, masked: 'csea' });
    expect(showSignal({ type, value: 'the value' }, false)).toEqual({ type, value: 'the value' });
  });
});
