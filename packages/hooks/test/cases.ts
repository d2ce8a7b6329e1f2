import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BOARDS } from './boards.ts'

export const FIXTURES = join(import.meta.dirname, '../fixtures')

export interface Case {
  readonly agent: string
  readonly event: string
  readonly name: string
}

/** Every documented payload, with the answer to it. */
export const CASES: readonly Case[] = readdirSync(FIXTURES)
  .filter(agent => agent !== 'README.md')
  .flatMap(agent =>
    readdirSync(join(FIXTURES, agent)).flatMap(event =>
      readdirSync(join(FIXTURES, agent, event)).map(name => ({ agent, event, name })),
    ),
  )

/** The parts of a case. */
export interface Parts {
  readonly board: keyof typeof BOARDS
  readonly arguments: readonly string[]
  readonly payload: Readonly<Record<string, string>>
  /** The session's id according to the agent. */
  readonly me: string
  /** The file with the answer. */
  readonly answer: string
}

export function partsOf({ agent, event, name }: Case): Parts {
  const at = join(FIXTURES, agent, event, name)
  const read = (file: string) => JSON.parse(readFileSync(join(at, file), 'utf8'))
  const payload = read('input.json')
  return {
    ...read('case.json'),
    payload,
    me: payload.session_id ?? payload.conversation_id,
    answer: join(at, 'output.json'),
  }
}

/** Replaces times and this machine's names, which differ from run to run. */
export function timeless(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      // An hour ago may have been yesterday: then the text has a date before the time.
      .replaceAll(/(since|until|at) (\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)?/g, '$1 <time>')
      .replaceAll(/just now|\d+ (s|min|h|d)( \d+ (s|min|h))? ago/g, '<duration> ago')
      .replaceAll(/\d+ (s|min|h|d)( \d+ (s|min|h))? left/g, '<duration> left')
      .replaceAll(/\((cli), [^)]*\)/g, '($1, <user>@<host>)'),
  )
}
