import { ValidateBy } from 'class-validator';
import { isReleasableLine, isReleasableText } from '#libs/domain';

/** Validates one line, see {@link isReleasableLine}. */
export function IsLine(): PropertyDecorator {
  const defaultMessage = (): string => '$property must be a line of text without control characters';
  return ValidateBy({ name: 'isLine', validator: { validate: isReleasableLine, defaultMessage } });
}

/** Validates a text of one line or several, see {@link isReleasableText}. */
export function IsText(): PropertyDecorator {
  const defaultMessage = (): string => '$property must be a text without control characters';
  return ValidateBy({ name: 'isText', validator: { validate: isReleasableText, defaultMessage } });
}
