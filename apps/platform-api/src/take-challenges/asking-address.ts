import type { Request } from 'express';

/**
 * The address that asks. Behind proxies of ours it is what the outermost of them was asked from: each adds to the end of
 * `X-Forwarded-For` who asked it; what is further left anybody may have written.
 */
export function askingAddress(request: Request, proxies: number): string {
  const direct = request.socket.remoteAddress ?? '';
  if (proxies === 0) return direct;
  const named = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  return named.at(-proxies)?.trim() ?? direct;
}
