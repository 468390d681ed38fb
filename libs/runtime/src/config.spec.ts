import { IsArray, IsBoolean, IsIn, IsInt, IsNotEmpty, IsString, Max } from 'class-validator';
import { ConfigError, describeConfig, FromEnv, KafkaServiceConfig, loadConfig, ServiceConfig } from './config.js';
import { Secret } from './secret.js';

class ParentConfig {
  @FromEnv('T_WORD', 'A word.') @IsIn(['one', 'two']) word: string = 'one';
  @FromEnv('T_COUNT') @IsInt() @Max(10) count: number = 3;
}
class ExampleConfig extends ParentConfig {
  @FromEnv('T_FLAG') @IsBoolean() flag: boolean = false;
  @FromEnv('T_LIST') @IsArray() list: string[] = ['a', 'b'];
  @FromEnv('T_SECRET') @IsNotEmpty() secret: Secret;
  @FromEnv('T_NEEDED') @IsString() needed: string;
}

const NEEDED = { T_SECRET: 'hunter2', T_NEEDED: 'x' };

function problems(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(ExampleConfig, env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe('a configuration', () => {
  it('is read by kind, what is not said keeping its default', () => {
    const read = loadConfig(ExampleConfig, { ...NEEDED, T_COUNT: '7', T_FLAG: 'true', T_LIST: ' x, ,y ' });
    expect(read).toMatchObject({ word: 'one', count: 7, flag: true, list: ['x', 'y'], needed: 'x' });
    expect(read.secret.reveal()).toBe('hunter2');
    expect(JSON.stringify(read)).not.toContain('hunter2');
    expect(loadConfig(ExampleConfig, { ...NEEDED, T_COUNT: '' }).count).toBe(3);
  });

  it('names everything that is wrong at once, never a value', () => {
    const said = problems({ T_WORD: 'hunter3', T_COUNT: 'hunter4', T_FLAG: 'hunter5', T_SECRET: '' });
    expect(said.map((problem) => problem.split(/[: ]/)[0]).sort()).toEqual([
      'T_COUNT',
      'T_FLAG',
      'T_NEEDED',
      'T_SECRET',
      'T_WORD',
    ]);
    expect(said.join(' ')).not.toContain('hunter');
    expect(new ConfigError(said).message).toContain('T_NEEDED is missing');
  });

  it.each(['7.5', '11', '0x7', '1e1', ' 7', 'seven'])('takes no count of %j', (count) => {
    expect(problems({ ...NEEDED, T_COUNT: count })).toHaveLength(1);
  });

  it.each(['yes', '1', 'TRUE'])('takes no flag of %j', (flag) => {
    expect(problems({ ...NEEDED, T_FLAG: flag })).toHaveLength(1);
  });

  it('is described by its variables, those of the parent first', () => {
    expect(describeConfig(ExampleConfig)).toEqual([
      { name: 'T_WORD', meaning: 'A word.', property: 'word', kind: 'text', required: false, default: 'one' },
      { name: 'T_COUNT', meaning: '', property: 'count', kind: 'number', required: false, default: '3' },
      { name: 'T_FLAG', meaning: '', property: 'flag', kind: 'boolean', required: false, default: 'false' },
      { name: 'T_LIST', meaning: '', property: 'list', kind: 'list', required: false, default: 'a,b' },
      { name: 'T_SECRET', meaning: '', property: 'secret', kind: 'secret', required: true },
      { name: 'T_NEEDED', meaning: '', property: 'needed', kind: 'text', required: true },
    ]);
    expect(describeConfig(ParentConfig)).toHaveLength(2);
  });

  it('keeps passwords secret and has no default for them', () => {
    const secrets = [ServiceConfig, KafkaServiceConfig].flatMap((Config) =>
      describeConfig(Config).filter(({ name }) => /PASSWORD|SECRET|DATABASE_URL/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(2);
    expect(secrets.every(({ kind, required }) => kind === 'secret' && required)).toBe(true);
  });
});
