import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const ROOT = join(import.meta.dirname, '../../..')
export const BIN = join(import.meta.dirname, '../bin')
/** A PATH with presence and without any agent. */
const TOOLS = `${BIN}:${join(ROOT, 'node_modules/node/bin')}:/usr/bin:/bin`

const PROGRAMS = {
  'claude-code': 'claude',
  codex: 'codex',
  'gemini-cli': 'gemini',
  cursor: 'cursor-agent',
} as const
export type AgentName = keyof typeof PROGRAMS
export const NAMES = Object.keys(PROGRAMS) as readonly AgentName[]

/** A machine: a home folder, a project in it, and the agents that are installed. */
export function newMachine(...agents: readonly AgentName[]) {
  const home = scratchFolder()
  const [project, bin] = [join(home, 'project'), join(home, 'bin')]
  mkdirSync(join(project, '.git'), { recursive: true })
  const put = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  for (const agent of agents) {
    put(join(bin, PROGRAMS[agent]), '#!/bin/sh\nexit 1\n')
    chmodSync(join(bin, PROGRAMS[agent]), 0o755)
  }
  const env = { HOME: home, PATH: `${bin}:${TOOLS}` }
  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    presence(args, { cwd: project, env: { ...env, ...more }, within: 60_000 })
  /** Runs it again while doctor says that something was too slow, which is right on a busy machine. */
  const setup = async (...args: readonly string[]) => {
    const first = await run(['setup', ...args])
    let last = first
    while (isLate(last.stdout)) last = await run(['setup', ...args])
    return last === first ? first : { ...last, stdout: first.stdout + last.stdout }
  }
  return { home, project, bin, env, put, run, setup }
}

/** Whether doctor found that something didn't answer in time. */
export function isLate(said: string): boolean {
  return /did not answer within|ran out of time|took longer than|asked again within/.test(said)
}

/** Everything in a folder: each path, with its content, mode or target. */
export function treeOf(folder: string, skipped: readonly string[] = []): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {}
  const entries = readdirSync(folder).flatMap((name): readonly (readonly [string, string])[] => {
    const path = join(folder, name)
    if (skipped.includes(name)) return []
    if (lstatSync(path).isSymbolicLink()) return [[path, `-> ${readlinkSync(path)}`]]
    if (statSync(path).isDirectory()) return [[path, 'folder'], ...Object.entries(treeOf(path, skipped))]
    return [[path, `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'base64')}`]]
  })
  return Object.fromEntries(entries)
}

/** What other commands keep in a home: the state, and Node's compile cache. */
export const OTHERS = ['.local', '.cache', 'cache']
