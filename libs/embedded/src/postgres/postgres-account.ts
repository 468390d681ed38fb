import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** As whom the server's programs run, and what has to stand before their command line for that. */
export interface PostgresAccount {
  /** Owner of the data files; undefined when it is whoever runs this process. */
  owner?: { uid: number; gid: number };
  /** Words before the program's own command line; empty when the account can enter every folder by itself. */
  prefix: readonly string[];
  /** Whether the spawn call itself changes to `owner`, as the prefix does it otherwise. */
  switchesBySpawn: boolean;
}

/**
 * Chooses the account. PostgreSQL refuses to run as root, so root runs it as the owner of the existing data files, else as the
 * user `postgres`, else as `nobody`. Where that user cannot enter a folder on the way (a clone under /root or in a
 * private temporary folder), `setpriv` gives it the one capability to read past folder permissions (Linux,
 * capabilities(7), CAP_DAC_READ_SEARCH; CAP_DAC_OVERRIDE where a container withholds that one).
 * @param dataDir the folder with the data files; it need not exist yet
 * @param folders folders that the server has to enter: where its programs lie and where its data goes
 * @throws Error with one sentence that says what to do when no account can enter the folders
 */
export async function choosePostgresAccount(dataDir: string, folders: readonly string[]): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], switchesBySpawn: false };
  const owner = (await ownerOf(dataDir)) ?? (await idsOf('postgres')) ?? (await idsOf('nobody'));
  if (owner === undefined) {
    throw new Error(
      'PostgreSQL does not run as root and there is no user postgres: create one, or start as an ordinary user.',
    );
  }
  if (await canEnter([], folders, owner)) return { owner, prefix: [], switchesBySpawn: true };
  for (const capability of ['+dac_read_search', '+dac_override']) {
    const ids = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
    // Without the secure bit, access(2), by which the programs look for one another, would ignore the capability.
    const rights = ['--inh-caps', capability, '--ambient-caps', capability, '--securebits', '+no_setuid_fixup'];
    const prefix = ['setpriv', ...ids, ...rights, '--'];
    if (await canEnter(prefix, folders)) return { owner, prefix, switchesBySpawn: false };
  }
  throw new Error(
    `PostgreSQL does not run as root, and user ${owner.uid} may not enter ${folders.join(' or ')}: ` +
      'start as an ordinary user, or put the project where every user may enter.',
  );
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
  } catch {
    return undefined;
  }
}

async function canEnter(
  prefix: readonly string[],
  folders: readonly string[],
  owner?: { uid: number; gid: number },
): Promise<boolean> {
  const script = 'for folder in "$@"; do test -x "$folder" && test -r "$folder" || exit 1; done';
  const [command = '/bin/sh', ...args] = [...prefix, '/bin/sh', '-c', script, 'can-enter', ...folders];
  return run(command, args, { cwd: '/', ...owner }).then(
    () => true,
    () => false,
  );
}
