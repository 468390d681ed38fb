import type { Request } from 'express';
import type { ErrorForm } from '#libs/runtime';
import { TAXII_MEDIA_TYPE } from './media-types.js';
import { errorMessage } from './resources.js';

/** Where TAXII is served. */
export const TAXII_PATH = '/taxii2';

/** Errors as TAXII tells them (section 3.6.1); the code is the one of our own list. */
export const TAXII_ERRORS: ErrorForm = {
  applies: ({ path }: Request) => path === TAXII_PATH || path.startsWith(`${TAXII_PATH}/`),
  mediaType: TAXII_MEDIA_TYPE,
  challenge: 'Basic realm="tocsin", charset="UTF-8", Bearer realm="tocsin"',
  body: ({ title, detail, code, status, family, facts }, instance) =>
    errorMessage(
      {
        ...{ title, error_id: instance, error_code: code },
        ...(family === 'fault'
          ? {}
          : { description: detail, ...(Object.keys(facts).length > 0 && { details: facts }) }),
      },
      status,
    ),
};
