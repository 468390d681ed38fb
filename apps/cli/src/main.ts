#!/usr/bin/env node
import { Command } from 'commander';
import { loadConfig } from '#libs/runtime';
import { addAdmissions } from './admit-organisations/admissions.commands.js';
import { addUndo } from './undo-submitter/undo.commands.js';
import { AnswerPrinter } from './call-exchange/answer-printer.js';
import { ExchangeApi } from './call-exchange/exchange-api.js';
import type { Tool } from './call-exchange/tool.js';
import { addDoctor } from './check-exchange/doctor.command.js';
import { CliConfig } from './config.js';
import { addDecideTogether } from './decide-together/decide-together.commands.js';
import { addCollect } from './collect-sources/collect.command.js';
import { addComplete } from './complete-submission/complete.command.js';
import { addDoubts } from './decide-doubts/doubts.commands.js';
import { addHolds } from './decide-holds/holds.commands.js';
import { addStatus } from './follow-submission/status.command.js';
import { addConformance } from './try-receivers/conformance.command.js';
import { addFetchChanges } from './fetch-changes/changes.command.js';
import { addInspect } from './inspect-file/inspect.command.js';
import { addProtectedLists } from './keep-protected-lists/protected-lists.commands.js';
import { addKeys } from './make-keys/keys.commands.js';
import { addLookUp } from './look-up-value/look-up.command.js';
import { addDeadLetters } from './mend-dead-letters/dead-letters.commands.js';
import { addPreview } from './submit-files/preview.command.js';
import { addDisputes } from './settle-disputes/disputes.commands.js';
import { addSubmit } from './submit-files/submit.command.js';
import { addTakeBack } from './take-back-advisory/take-back.commands.js';
import { addSendAgain } from './send-again/send-again.commands.js';
import { addNaming } from './name-answers/naming.commands.js';
import { addUnconfirmed } from './list-unconfirmed/unconfirmed.command.js';
import { addResearch } from './read-research/research.command.js';
import { addAdvisoryReach } from './tell-reach/advisory-reach.command.js';
import { addOutcomes } from './tell-outcomes/outcomes.command.js';
import { addHolders, addHoldings } from './tell-holders/holders.command.js';
import { addReach, addRetractions } from './tell-reach/reach.command.js';
import { addChallenges } from './review-challenges/challenges.commands.js';
import { addChannels } from './tend-platforms/channels.command.js';
import { addPackGuardFiles } from './pack-guard-files/guard-files.commands.js';
import { addPlatforms } from './tend-platforms/platforms.commands.js';
import { addServices } from './tend-platforms/services.commands.js';

const args = process.argv.slice(2);
const printer = new AnswerPrinter(args.includes('--json'));
const program = new Command('tocsin')
  .description(
    'The command line of a Tocsin exchange. Addresses come from TOCSIN_INTAKE_URL, TOCSIN_CONSOLE_URL and TOCSIN_PLATFORM_API_URL, the key from TOCSIN_KEY_FILE or TOCSIN_KEY.',
  )
  .option('--json', 'print answers as JSON')
  .showHelpAfterError('`tocsin --help` lists the commands, `tocsin COMMAND --help` the options of one.')
  .exitOverride();
if (printer.json) program.configureOutput({ writeErr: () => undefined });

try {
  const tool: Tool = { program, api: new ExchangeApi(loadConfig(CliConfig)), printer };
  for (const add of [
    addInspect,
    addPackGuardFiles,
    addCollect,
    addSubmit,
    addPreview,
    addStatus,
    addComplete,
    addTakeBack,
    addHolds,
    addDisputes,
    addChallenges,
    addDoubts,
    addReach,
    addHolders,
    addHoldings,
    addAdvisoryReach,
    addOutcomes,
    addResearch,
    addUnconfirmed,
    addNaming,
    addRetractions,
    addChannels,
    addAdmissions,
    addPlatforms,
    addSendAgain,
    addFetchChanges,
    addLookUp,
    addConformance,
    addServices,
    addDeadLetters,
    addDecideTogether,
    addUndo,
    addProtectedLists,
    addKeys,
    addDoctor,
  ])
    add(tool);
  // `--json` may stand behind the command as well.
  const sorted = printer.json ? ['--json', ...args.filter((arg) => arg !== '--json')] : args;
  await program.parseAsync(sorted, { from: 'user' });
} catch (thrown) {
  printer.fail(thrown);
}
