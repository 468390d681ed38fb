import {
  createKey,
  createMissingKeys,
  handOutKeys,
  KEY_PURPOSES,
  KEYS_OF_SERVICES,
  type KeyedService,
  type KeyPurpose,
} from '#libs/access';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';

function isPurpose(word: string): word is KeyPurpose {
  return KEY_PURPOSES.some((purpose) => purpose === word);
}

function isService(word: string): word is KeyedService {
  return Object.hasOwn(KEYS_OF_SERVICES, word);
}

/** `tocsin keys create|rotate|hand-out`: the key files of a deployment, on the machine where they are kept. */
export function addKeys({ program, printer }: Tool): void {
  const keys = program.command('keys').description('key files of a deployment');
  keys
    .command('create <folder>')
    .description('make a key for every purpose that has none')
    .action((folder: string) =>
      printer.guard(() => {
        const made = createMissingKeys(folder, new Date());
        printer.answer(
          { made },
          made.length > 0 ? made.map((purpose) => `made a key for ${purpose}`) : ['every purpose has a key'],
        );
        return Promise.resolve();
      }),
    );
  keys
    .command('rotate <purpose> <folder>')
    .description(`add a newer key for one of ${KEY_PURPOSES.join(', ')}; older ones stay good until removed`)
    .action((purpose: string, folder: string) =>
      printer.guard(() => {
        if (!isPurpose(purpose))
          throw new Refusal({ status: 0, detail: `The purpose is one of ${KEY_PURPOSES.join(', ')}.` });
        if (purpose === 'signal-id')
          throw new Refusal({ status: 0, detail: 'The key for signal-id never changes: every id derives from it.' });
        const id = createKey(folder, purpose, new Date());
        printer.answer({ purpose, id }, [`made ${id} for ${purpose}`]);
        return Promise.resolve();
      }),
    );
  keys
    .command('hand-out <service> <folder> <target>')
    .description('copy what one service may have into a folder of its own; what is gone from the first goes there too')
    .action((service: string, folder: string, target: string) =>
      printer.guard(() => {
        if (!isService(service)) {
          const services = Object.keys(KEYS_OF_SERVICES).join(', ');
          throw new Refusal({ status: 0, detail: `The service is one of ${services}; no other has keys.` });
        }
        const files = handOutKeys(folder, service, target);
        printer.answer({ service, files }, files);
        return Promise.resolve();
      }),
    );
}
