import { REPORTING_DUTY, reportingRouteOf } from './index.js';

describe('the way to report abuse material', () => {
  it('is that of the country, or who names it', () => {
    expect(reportingRouteOf('US')).toMatchObject({ country: 'US', name: 'NCMEC CyberTipline' });
    for (const country of ['XX', '', 'constructor', '__proto__']) {
      expect(reportingRouteOf(country)).toMatchObject({ url: 'https://www.inhope.org/' });
      expect(reportingRouteOf(country)).not.toHaveProperty('country');
    }
  });

  it('is an address, and the duty a sentence', () => {
    for (const country of ['AU', 'CA', 'DE', 'FR', 'GB', 'IE', 'NL', 'NO', 'NZ', 'US'])
      expect(new URL(reportingRouteOf(country).url).protocol).toBe('https:');
    expect(REPORTING_DUTY).toMatch(/never limits a legal duty to report/);
  });
});
