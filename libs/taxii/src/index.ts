export * from './answered-pages.js';
export * from './http-answers.js';
export * from './media-types.js';
export * from './objects-query.js';
export * from './page-forms.js';
export * from './resources.js';
export * from './taxii-errors.js';
export * from './timestamps.js';
