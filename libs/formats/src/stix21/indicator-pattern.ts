import { canonicalise, rejection } from '#libs/domain';
import type { CandidateSignal } from '../format.js';

export function signalsOfIndicator(pattern: string): CandidateSignal[] {
  const out: CandidateSignal[] = [];
  for (const m of pattern.matchAll(/(url:value|domain-name:value|file:hashes\.'?([A-Za-z0-9_-]+)'?)\s*=\s*'([^']*)'/g)) {
    const type = m[2] ? m[2].toLowerCase().replace(/-|x_/g, '') : m[1] === 'url:value' ? 'url' : 'domain';
    const c = canonicalise(type as 'md5', m[3] ?? '');
    if (c.ok) out.push({ type: type as 'md5', value: c.value });
  }
  if (!out.length) throw rejection('TOC_ITEM_PATTERN', 'no signal');
  return out;
}
