import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BOARDS } from './boards.ts'

export const FIXTURES = join(import.meta.dirname, '../fixtures')

export interface Case {
  readonly agent: string
  readonly event: string
  readonly name: string
}

/** Every documented payload, with what is answered to it. */
export const CASES: readonly Case[] = readdirSync(FIXTURES).flatMap(agent =>
  readdirSync(join(FIXTURES, agent)).flatMap(event =>
    readdirSync(join(FIXTURES, agent, event)).map(name => ({ agent, event, name })),
  ),
)

/** What a case is made of. */
export interface Parts {
  readonly board: keyof typeof BOARDS
  readonly arguments: readonly string[]
  readonly payload: Readonly<Record<string, string>>
  /** Who the agent says that it is. */
  readonly me: string
  /** The file that holds the answer. */
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

/** Moments and this machine's names, which differ from run to run. */
export function timeless(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      // An hour ago may have been yesterday: then the day stands before it.
      .replaceAll(/(since|until|at) (\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)?/g, '$1 <time>')
      .replaceAll(/- (\d{4}-\d\d-\d\d )?\d\d:\d\d UTC,/g, '- <time> UTC,')
      .replaceAll(/\((cli), [^)]*\)/g, '($1, <user>@<host>)'),
  )
}
