import { TocsinError } from '#libs/domain';

const LONGEST = 500;

/** What failed, without the message of a foreign error, which may repeat a value. */
export function describeFault(thrown: unknown): string {
  if (thrown instanceof TocsinError) return thrown.detail.slice(0, LONGEST);
  if (!(thrown instanceof Error)) return 'unknown';
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? `${thrown.name} ${code}` : thrown.name;
}
