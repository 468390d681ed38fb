import { pbkdf2Sync } from 'node:crypto';
import { renderScram, saltPassword } from './kafka-accounts.js';

describe('an account of Kafka', () => {
  it('keeps the salted password of RFC 5802, never the password', async () => {
    const salted = await saltPassword('open sesame');
    expect(salted.saltedPassword).toEqual(pbkdf2Sync('open sesame', salted.salt, 4096, 64, 'sha512'));
    expect((await saltPassword('open sesame')).salt).not.toEqual(salted.salt);
  });

  it('is written as the storage tool reads it', () => {
    const salted = { salt: Buffer.from('salt'), saltedPassword: Buffer.from('salted'), iterations: 4096 };
    expect(renderScram('relay', salted)).toBe(
      'SCRAM-SHA-512=[name="relay",iterations=4096,salt="c2FsdA==",saltedpassword="c2FsdGVk"]',
    );
  });
});
