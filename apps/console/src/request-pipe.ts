import { ParseUUIDPipe, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { rejection } from '#libs/domain';

const MOST_PROBLEMS = 50;

function namedProblems(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap((error) => {
    const name = `${path}${error.property}`.slice(0, 120);
    const own = Object.values(error.constraints ?? {}).map((sentence) => `${name}: ${sentence.slice(0, 300)}`);
    return [...own, ...namedProblems(error.children ?? [], `${name}.`)];
  });
}

/**
 * Reads bodies and queries by the rules of their classes. What a class does not name is refused, so that a slip of the
 * pen is noticed.
 * @throws a rejection `TOC_REQUEST_PARAMETER` that names every property that is wrong, never its value
 */
export function requestPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    exceptionFactory: (errors) => {
      const problems = namedProblems(errors);
      return rejection('TOC_REQUEST_PARAMETER', `${problems.length} parameter(s) are not valid`, {
        problems: problems.slice(0, MOST_PROBLEMS),
      });
    },
  });
}

/** Reads an id in a path. What is no UUID is the id of nothing. */
export const ID = new ParseUUIDPipe({
  exceptionFactory: () => rejection('TOC_ACCESS_NOT_FOUND', 'There is no such object for this key.'),
});
