import { Inject } from '@nestjs/common';

/** Injection token of this service's database. */
export const NORMALISER_DATABASE = Symbol('database');

/** Injects this service's database. */
export const NormaliserDatabase = (): ParameterDecorator => Inject(NORMALISER_DATABASE);
