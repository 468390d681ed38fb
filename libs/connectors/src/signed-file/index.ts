export { signedFile } from './signed-file-connector.js';
