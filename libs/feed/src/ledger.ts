/**
 * Where a path keeps what it disclosed, and the evidence that it arrived: the schema of its app, with the tables
 * `disclosure`, `disclosed` and `receipt`. A subscription has one path, and so one ledger.
 */
export type Ledger = 'delivery' | 'platform_api';
