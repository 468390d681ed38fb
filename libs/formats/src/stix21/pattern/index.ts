export { parsePattern, type ParsedPattern } from './parse-pattern.js';
export { printPattern } from './print-pattern.js';
export {
  signalsOfPattern,
  type PatternRefusalCode,
  type PatternSignal,
  type PatternSignals,
} from './signals-of-pattern.js';
