/** How a receiver misbehaves, for demonstrations and tests. */
export interface Misbehaviour {
  /** Waits so long before it answers. */
  slowMs: number;
  /** Answers the next so many deliveries with this status. */
  fail?: { status: number; times: number; retryAfter?: string };
  /** Answers 422 to every delivery that contains one of these rows, and applies nothing of it. */
  refuseRows: string[];
  /** Drops the connection of the next so many deliveries, after the records were applied. */
  drop: number;
}
