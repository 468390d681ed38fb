import { ParseUUIDPipe, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { rejection } from '#libs/domain';

const MOST_PROBLEMS = 50;

/** What class-validator says of one property. */
interface PropertyProblem {
  property: string;
  constraints?: Record<string, string>;
  children?: readonly PropertyProblem[];
}

function namedProblems(errors: readonly PropertyProblem[], path = ''): string[] {
  return errors.flatMap((error) => {
    const name = `${path}${error.property}`.slice(0, 120);
    const own = Object.values(error.constraints ?? {}).map((sentence) => `${name}: ${sentence.slice(0, 300)}`);
    return [...own, ...namedProblems(error.children ?? [], `${name}.`)];
  });
}

function noSuchObject(): Error {
  return rejection('TOC_ACCESS_NOT_FOUND', 'There is no such object for this key.');
}

/** Whether every text in a value can be stored: PostgreSQL takes no NUL, and no half of a surrogate pair. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isStorable(name) && isStorable(inner));
}

/**
 * The pipe of every route: reads bodies and queries by the rules of their classes. What a class does not name is
 * refused, so that a slip of the pen is noticed.
 * @throws a rejection `TOC_REQUEST_PARAMETER` that names every property that is wrong, never its value
 */
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
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

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'custom') return value;
    if (!isStorable(value)) {
      if (metadata.type === 'param') throw noSuchObject();
      throw rejection('TOC_REQUEST_PARAMETER', 'A text holds a character that no text may hold.');
    }
    return super.transform(value, metadata);
  }
}

/** Reads an id in a path. What is no UUID is the id of nothing. */
export const ID_IN_PATH = new ParseUUIDPipe({ exceptionFactory: noSuchObject });
