import { setFlagsFromString } from 'node:v8';

// Uploads are a stream of buffers that are soon dropped. A young generation that grows only keeps them longer: some 60
// MiB more are resident in the middle of an upload, and nothing is faster. Loading the service would let it grow first.
setFlagsFromString('--semi-space-growth-factor=1');
await import('./run-intake.js');
