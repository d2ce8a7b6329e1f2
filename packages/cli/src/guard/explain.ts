import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type GuardSettings, guardSettings, shellWord } from '@presence/core/internal'
import { analyze } from '@presence/guard'
import { nodeContext } from '@presence/guard/node'
import { print, printFault, printUsage } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { answerBatch } from './batch.ts'
import { tellHolders } from './holders.ts'
import { analysisJson, wordsFor } from './words.ts'

interface Options extends Globals {
  readonly cwd?: string
  readonly batch?: boolean
  readonly holders?: boolean
}

const NO_COMMAND = {
  message: 'guard needs a command after --',
  remedy: 'for example: presence guard -- kubectl drain k8s-1',
}
const BOTH = {
  message: '--batch reads the commands from standard input, so it takes none here',
  remedy: 'leave out --batch, or the command',
}

const NOT_BOTH = {
  message: '--batch asks no board, so it takes no --holders',
  remedy: 'leave out one of them',
}

/** Explains one command line, or with `--batch` each of those on standard input. */
export async function explain(
  words: readonly string[],
  { cwd: folder = '.', batch = false, holders = false, ...globals }: Options,
  io: Io,
): Promise<ExitStatus> {
  if (batch && holders) return printUsage(NOT_BOTH, globals, io, {})
  if (batch === words.length > 0) return printUsage(batch ? BOTH : NO_COMMAND, globals, io, {})
  const cwd = resolve(io.cwd, folder)
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
    return printUsage({ message: `${cwd} is no folder`, remedy: 'name one: --cwd <folder>' }, globals, io, {})
  try {
    const settings = guardSettings(cwd, io.env)
    const analysisOf = (line: string) =>
      analyze(line, nodeContext({ cwd, env: io.env, config: settings.config }))
    if (batch) return await answerBatch(line => analysisJson(analysisOf(line)), io)
    if (holders) return await tellHolders(analysisOf(lineOf(words)), settings, globals, io)
    return answerOne(lineOf(words), analysisOf, settings, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true, { isBeside: true })
  }
}

function answerOne(
  line: string,
  analysisOf: (line: string) => ReturnType<typeof analyze>,
  settings: GuardSettings,
  globals: Globals,
  io: Io,
): ExitStatus {
  const analysis = analysisOf(line)
  const notes = settings.passedOver.map(({ message, remedy }) => `${message}; ${remedy}`)
  print({ lines: wordsFor(analysis, line, settings), json: analysisJson(analysis), notes }, globals, io)
  return EXIT.done
}

/** One word is a line as the shell would read it; several are the words that a shell has read already. */
function lineOf(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : words.map(shellWord).join(' ')
}
