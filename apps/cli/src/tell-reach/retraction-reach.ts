/** How far a retraction has come, as intake tells agencies and the console operators. */
export interface RetractionReach {
  retraction_id: string;
  followed: boolean;
  rows: number;
  had: number;
  told: number;
  confirmed: number;
  open: number;
  overdue: number;
  due_at?: string;
  followed_by_operators?: { platforms: number; closed_by_statement: number };
  closed_by_statement?: number;
  outcomes?: { outcome: string; because?: string; platforms: number; rows: number }[];
  platforms: { platform: string; platform_id: string; told: boolean; confirmed: boolean; overdue: boolean }[];
  more: boolean;
}

/** The lines that a person reads. */
export function reachLines(reach: RetractionReach): string[] {
  const { rows, had, told, confirmed, open, overdue, due_at, outcomes = [], platforms } = reach;
  const others = reach.followed_by_operators;
  const words = outcomes.map(
    ({ outcome, because, platforms: said, rows: of }) =>
      `${said} ${outcome}${because ? ` (${because})` : ''}, ${of} rows`,
  );
  return [
    `${rows} rows are no longer on this word${reach.followed ? '' : ' (not all followed yet)'}`,
    `${told} of ${had} platforms told, ${confirmed} of ${had} confirmed${words.length > 0 ? `: ${words.join('; ')}` : ''}`,
    ...(open > 0 ? [`${open} open, ${overdue} overdue${due_at ? `, the first due ${due_at}` : ''}`] : []),
    ...(reach.closed_by_statement ? [`${reach.closed_by_statement} closed by statement`] : []),
    ...(others && others.platforms > 0
      ? [
          `${others.platforms} more platforms are followed by operators, ${others.closed_by_statement} of them closed by statement`,
        ]
      : []),
    ...platforms
      .filter(({ confirmed: said }) => !said)
      .map(
        ({ platform, told: isTold, overdue: late }) =>
          `  waits for ${platform} (${isTold ? 'told' : 'not told'}${late ? ', overdue' : ''})`,
      ),
  ];
}
