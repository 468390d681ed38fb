import { Inject } from '@nestjs/common';

const DATABASE = Symbol('database');

/** Injection token of this service's database. */
export const EXCHANGE_DATABASE = DATABASE;

/** Injects this service's database. */
export const ExchangeDatabase = (): ParameterDecorator => Inject(DATABASE);
