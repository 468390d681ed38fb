/** The part of a structured logger (pino's shape) that this library writes to: ids and counts, never keys or values. */
export interface MessagingLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
