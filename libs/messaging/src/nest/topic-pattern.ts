/** @returns whether the topic fits the pattern, in which `*` stands for one or more characters other than a dot */
export function fitsPattern(topic: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^.]+')}$`).test(topic);
}

/** A pattern that names exactly one topic. */
export function isOneTopic(pattern: string): boolean {
  return !pattern.includes('*');
}
