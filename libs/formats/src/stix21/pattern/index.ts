export { signalsOfPattern } from './signals-of-pattern.js';
