import { Inject } from '@nestjs/common';

const DATABASE = Symbol('database');

/** Injection token of this service's database. */
export const NORMALISER_DATABASE = DATABASE;

/** Injects this service's database. */
export const NormaliserDatabase = (): ParameterDecorator => Inject(DATABASE);
