import { ParseUUIDPipe, ValidationPipe } from '@nestjs/common';
import { rejection } from '#libs/domain';

/** Reads an id in a path. What is no UUID is the id of nothing. */
export const ID = new ParseUUIDPipe({
  exceptionFactory: () => rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key'),
});

/**
 * Reads bodies and queries by the rules of their classes; what a class does not name is refused.
 * @throws a rejection `TOC_REQUEST_PARAMETER` that names every property that is wrong, never its value
 */
export const VALID = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  exceptionFactory: (errors) => {
    const problems = errors.flatMap(({ property, constraints = {} }) =>
      Object.values(constraints).map((sentence) => `${property.slice(0, 120)}: ${sentence.slice(0, 300)}`),
    );
    return rejection('TOC_REQUEST_PARAMETER', `${problems.length} parameter(s) are not valid`, {
      problems: problems.slice(0, 50),
    });
  },
});
