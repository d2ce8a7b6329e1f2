import { Option } from 'commander'
import { printFault, printUsage, printWarning } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { wholeLabels } from '../labels.ts'
import { orderOf, type Problem, type Typed } from '../running/order.ts'

/** Everything from the first word that is not an option belongs to the command. */
export const runCommand: AddCommand = (program, io, done) => {
  const command = program
    .command('run')
    .summary('run a command under claims')
    .description(
      "Claim labels (all of them or none), run a command while the claims are kept alive, and release the claims when the command ends, however it ends. Exits with the command's status: 128 plus the signal's number if a signal ended it, 127 if it wasn't found, 126 if it couldn't be run. If the command isn't run: 1 refused, 2 fix something first, 3 the board didn't answer.",
    )
    .usage('[options] -- <command> [args...]')
    .argument('[command...]', 'what to run, with its arguments')
    .option('--claim <label>', 'what it changes, as kind:name; may be repeated', collect)
    .option(
      '--guard',
      'also claim the labels that presence guard finds in the command; with none, just run it',
    )
    .option('--purpose <text>', 'what it does there, and why (required, unless the guard makes one)')
    .option(
      '--ttl <duration>',
      'how long the claims last if this process dies without releasing them: 900 (seconds), 15m, 2h (default: 15m)',
    )
    .option(
      '--exclusive',
      'no other session can hold them; sets PRESENCE_TOKEN and PRESENCE_TOKENS for the command',
    )
    .option('--over-shared', 'with --exclusive: claim them even if others have shared claims on them')
    .option(
      '--wait <duration>',
      "how long to wait at most if the claims would be refused because others hold a label: 30s, 10m (default: don't wait); with --exclusive it waits in the wait queue",
    )
    .option(
      '--kill-on-loss',
      'with --exclusive: if a claim is lost, end the command and everything that it started, and exit 1',
    )
    .option(
      '--kill-after <duration>',
      'with --kill-on-loss: how long the command may take to end before it is killed (default: 10s)',
    )
    .passThroughOptions()
    .addHelpText(
      'after',
      '\nExample: presence run --claim node:k8s-1 --purpose "drain for kernel upgrade" -- echo drained',
    )
    .action((words: readonly string[]) =>
      done(run(command.opts(), words, { ...program.opts(), ...command.opts() }, io)),
    )
  // Adds the global options here too, because the program stops reading options at the verb.
  for (const { flags, long, description } of program.options)
    if (long !== '--version') command.addOption(new Option(flags, description).hideHelp())
  command.configureHelp({
    ...command.configureHelp(),
    visibleGlobalOptions: () =>
      program.options.filter(({ long, hidden }) => !hidden && long !== '--json' && long !== '--version'),
  })
}

function collect(label: string, before: readonly string[] = []): readonly string[] {
  return [...before, label]
}

const NO_JSON: Problem = {
  message: "run has no --json: standard output is the command's",
  remedy: 'leave it out; to see what is claimed meanwhile: presence list --json',
}

async function run(asked: Typed, words: readonly string[], globals: Globals, io: Io): Promise<number> {
  const { claim } = asked
  // What the guard finds is already as exact as it can be.
  const given: Typed = claim === undefined ? asked : { ...asked, claim: wholeLabels(claim, io) }
  const typed =
    given.guard && !globals.json && words.length > 0 ? await guarded(given, words, globals, io) : given
  if (typeof typed === 'number') return typed
  const order = globals.json ? NO_JSON : orderOf(typed, words)
  if ('remedy' in order) return printUsage(order, { json: false }, io, { claims: typed.claim ?? [] })
  const { wrap } = await import('../running/wrap.ts')
  return wrap(order, globals, io)
}

/** With a config that can't be read, a shared run says so and runs its command. An exclusive one doesn't run it. */
async function guarded(typed: Typed, words: readonly string[], globals: Globals, io: Io) {
  try {
    const { withGuarded } = await import('../running/guarded.ts')
    return withGuarded(typed, words, io)
  } catch (error) {
    const claims = { claims: typed.claim ?? [] }
    if (typed.exclusive || globals.strict) return printFault(error, globals, io, true, claims)
    if (claims.claims.length === 0) printWarning(error, globals, io, claims)
    return { claim: [], ...typed }
  }
}
