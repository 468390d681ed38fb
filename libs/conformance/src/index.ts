export { type HeldState, type ReceiverUnderTest } from './bench.js';
export { makeConformanceKeys, type ConformanceKeys } from './conformance-keys.js';
export { conforms, CONFORMANCE_CASES, runConformance, type CaseResult } from './run-conformance.js';
