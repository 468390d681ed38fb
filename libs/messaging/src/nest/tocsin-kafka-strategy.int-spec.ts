import { randomUUID } from 'node:crypto';
import { Controller, type INestMicroservice, Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { rejection, transient } from '#libs/domain';
import { sharedAddresses } from '#libs/testing';
import { Collected, numbered, numberIn, promised, quietLogger, until, upTo } from '../contract/contract-setting.js';
import {
  BatchContext,
  BatchHandler,
  createKafkaClient,
  type KafkaClient,
  type RecordBatch,
  TocsinKafkaStrategy,
} from '../index.js';

@Injectable()
class Inbox {
  readonly named = new Collected();
  readonly patterned = new Collected();
  readonly contexts: BatchContext[] = [];
  trouble: Error | undefined;
}

const NAMED = `nest-${randomUUID()}.submissions.v1`;

@Controller()
class SubmissionConsumer {
  constructor(@Inject(Inbox) private readonly inbox: Inbox) {}

  @BatchHandler(NAMED)
  handle(@Payload() batch: RecordBatch, @Ctx() context: BatchContext): void {
    this.inbox.contexts.push(context);
    if (this.inbox.trouble) throw this.inbox.trouble;
    if (batch.records.some((record) => numberIn(record) === 13)) throw rejection('TOC_EVENT_MALFORMED', 'unlucky');
    this.inbox.named.add(batch);
  }
}

@Controller()
class ChannelConsumer {
  constructor(@Inject(Inbox) private readonly inbox: Inbox) {}

  @BatchHandler('nest-*.channel.*.v1')
  handle(batch: RecordBatch): Promise<void> {
    this.inbox.patterned.add(batch);
    return Promise.resolve();
  }
}

@Controller()
class SecondConsumer {
  @BatchHandler(NAMED)
  handle(): void {
    // Never called.
  }
}

@Module({ controllers: [SubmissionConsumer, ChannelConsumer], providers: [Inbox] })
class ConsumingModule {}

@Module({ controllers: [SubmissionConsumer, SecondConsumer], providers: [Inbox] })
class AmbiguousModule {}

let client: KafkaClient;
const open: INestMicroservice[] = [];

beforeAll(async () => {
  const { bootstrap, adminUser, adminPassword } = (await sharedAddresses()).kafka;
  const sasl = { mechanism: 'scram-sha-512' as const, username: adminUser, password: adminPassword };
  client = createKafkaClient({ brokers: [bootstrap], clientId: 'nest', sasl }, { logger: quietLogger() });
  await client.admin().ensureTopic({ topic: NAMED, partitions: 1 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});
afterAll(() => client.close());

async function listening(module: typeof ConsumingModule) {
  const letters: string[] = [];
  const strategy = new TocsinKafkaStrategy({
    client,
    groupId: `nest-${randomUUID()}`,
    deadLetters: {
      write: promised(({ record }, code, detail) => {
        letters.push(`${numberIn(record)} ${code} ${detail}`);
      }),
    },
    logger: quietLogger(),
    retry: { transient: { firstMs: 20, maxMs: 50 } },
  });

  const app = await NestFactory.createMicroservice(module, { strategy, logger: false, abortOnError: false });
  open.push(app);
  await app.listen();
  return { app, strategy, letters, inbox: app.get(Inbox) };
}

describe('the Nest transport', () => {
  it('calls the handler of a topic with batches, retries by family, and keeps the poison as a dead letter', async () => {
    const { inbox, letters, strategy } = await listening(ConsumingModule);
    inbox.trouble = transient('TOC_DATABASE_UNAVAILABLE', 'away');
    await client.producer().send([{ topic: NAMED, records: numbered(20) }]);
    await until('it has tried several times', () => inbox.contexts.length > 3);
    inbox.trouble = undefined;
    await until('the rest is handled', () => inbox.named.numbers.length === 19);
    expect(inbox.named.numbers).toEqual(upTo(20).filter((number) => number !== 13));
    expect(letters).toEqual(['13 TOC_EVENT_MALFORMED unlucky']);
    expect(inbox.contexts.at(-1)).toBeInstanceOf(BatchContext);
    expect([inbox.contexts[0]?.batch.topic, inbox.contexts[0]?.stop.aborted]).toEqual([NAMED, false]);
    expect(strategy.health().state).toBe('consuming');
  });

  it('reads topics that are named while it runs, by their pattern, and refuses one that nobody handles', async () => {
    const { inbox, strategy } = await listening(ConsumingModule);
    const topic = `nest-1.channel.${randomUUID()}.v1`;
    await client.admin().ensureTopic({ topic, partitions: 1 });
    strategy.subscribe([topic]);
    await client.producer().send([{ topic, records: numbered(5) }]);
    await until('it is handled', () => inbox.patterned.numbers.length === 5);
    expect(() => strategy.subscribe(['nest-1.unknown.v1'])).toThrow(
      'No batch handler takes the topic nest-1.unknown.v1.',
    );
  });

  it('does not start when two handlers take one topic', async () => {
    await expect(listening(AmbiguousModule)).rejects.toThrow('More than one batch handler');
    open.splice(0);
  });

  it('leaves its group when the application closes', async () => {
    const { app, strategy } = await listening(ConsumingModule);
    await until('it consumes', () => strategy.health().state === 'consuming');
    await app.close();
    expect(strategy.health().state).toBe('closed');
  });
});
