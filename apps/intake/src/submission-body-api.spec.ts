import { getMetadataStorage } from 'class-validator';
import { SubmissionParameters } from '#libs/events';
import { PARAMETER_SCHEMAS } from './submission-body-api.js';

test('the OpenAPI document names every parameter of a submission and no other', () => {
  const rules = getMetadataStorage().getTargetValidationMetadatas(SubmissionParameters, '', true, false);
  const named = new Set(rules.map(({ propertyName }) => propertyName));
  expect(Object.keys(PARAMETER_SCHEMAS).sort()).toEqual([...named].sort());
});
