/**
 * Stands for the owner of an object that is not there. Asking the authorisation about it gives the answer of another
 * organisation's object, so that the two cannot be told apart.
 */
export const NOBODY = '00000000-0000-0000-0000-000000000000';
