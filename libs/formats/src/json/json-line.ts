/** Deepest nesting of a line. */
const LINE_DEPTH = 8;

export type JsonLine = { object: Record<string, unknown> } | { problem: 'syntax' | 'nesting' | 'duplicate' | 'shape' };

/** Keys in the text: colons outside strings. Undefined when nested too deeply. */
function countKeys(text: string): number | undefined {
  let keys = 0;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x3a) keys += 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > LINE_DEPTH) return undefined;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return keys;
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const part of Object.values(value)) keys += keysIn(part);
  return keys;
}

/**
 * Reads one line as a JSON object (RFC 8259). A key said twice is refused, since readers differ in which of the two
 * they believe; it shows in the text having more keys than the value.
 */
export function readJsonLine(text: string): JsonLine {
  const keys = countKeys(text);
  if (keys === undefined) return { problem: 'nesting' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'syntax' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'shape' };
  if (keysIn(value) < keys) return { problem: 'duplicate' };
  return { object: value as Record<string, unknown> };
}
