/** What the bench submits with: nothing is left open. */
export const PARAMETERS = {
  harm: 'tvec',
  context: 'perpetrator-produced',
  legal_basis: 'Example Online Harms Act 2019, section 4',
  nature: 'information',
  origin: 'own-finding',
  valid_for: '30',
  tlp: 'green',
  contact_desk: 'night-desk',
} as const;

export const SUBMITTER = 'Harbour Content Office';
