import type { Country } from '../marking/index.js';

/** Where a service established in a country reports child-abuse material. */
interface ReportingRoute {
  /** Country whose route it is; absent for the one that finds the national one. */
  country?: Country;
  name: string;
  url: string;
}

/**
 * Bodies to which services report, by country of establishment. Public knowledge, put together by hand; who operates an
 * exchange checks it against the law of its members.
 */
const ROUTES: Readonly<Record<Country, Omit<ReportingRoute, 'country'>>> = {
  AU: { name: 'Australian Centre to Counter Child Exploitation', url: 'https://www.accce.gov.au/report' },
  CA: { name: 'Cybertip.ca, Canadian Centre for Child Protection', url: 'https://www.cybertip.ca/' },
  DE: { name: 'Bundeskriminalamt', url: 'https://www.bka.de/' },
  FR: { name: 'PHAROS', url: 'https://www.internet-signalement.gouv.fr/' },
  GB: { name: 'National Crime Agency', url: 'https://www.nationalcrimeagency.gov.uk/' },
  IE: { name: 'Hotline.ie', url: 'https://www.hotline.ie/' },
  NL: { name: 'Offlimits', url: 'https://offlimits.nl/' },
  NO: { name: 'Kripos', url: 'https://tips.politiet.no/' },
  NZ: { name: 'Department of Internal Affairs', url: 'https://www.dia.govt.nz/' },
  US: { name: 'NCMEC CyberTipline', url: 'https://report.cybertip.org/' },
};

const ANYWHERE: ReportingRoute = { name: 'INHOPE, which names the national hotline', url: 'https://www.inhope.org/' };

/** What goes with every delivery: whatever a row lets a platform do, the law of its country comes first. */
export const REPORTING_DUTY =
  'A ceiling says what the exchange asks for at most; it never limits a legal duty to report and to preserve.';

/** Where a service of this country reports child-abuse material; where that is not known, who tells it. */
export function reportingRouteOf(country: Country): ReportingRoute {
  const route = Object.hasOwn(ROUTES, country) ? ROUTES[country] : undefined;
  return route ? { country, ...route } : ANYWHERE;
}
