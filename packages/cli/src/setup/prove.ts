import { delimiter } from 'node:path'
import type { Environment } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Diagnosis, Finding } from '@presence/doctor'
import { check, checkWiring, lineOf } from '../commands/doctor.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

/** Lets doctor check the board, and run the hooks and MCP servers of these agents. */
export async function prove(
  agents: readonly string[],
  { session }: Globals,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): Promise<Diagnosis> {
  const board = await check(session === undefined ? {} : { session }, { env, cwd })
  const wiring = await checkWiring({ hooks: true, mcp: true }, { env, cwd }, new Set(agents))
  // That this process has no session of its own says nothing about the agents.
  const ofBoard = board.findings.filter(({ check: of, status }) => of !== 'identity' || status === 'broken')
  return { findings: [...ofBoard, ...wiring.findings], broken: board.broken + wiring.broken }
}

/** What was proved, in few lines: what is fine in one line for each agent, and the rest as doctor says it. */
export function proofLines({ findings }: Diagnosis, agents: readonly string[], io: Io): readonly string[] {
  const fine = findings.filter(({ status }) => status === 'ok')
  const board = fine.find(({ check: of }) => of === 'board')
  const byAgent = agents.flatMap(agent => {
    const checks = fine.filter(({ check: of }) => of.startsWith(`${agent} `) && !isTrust({ check: of }))
    const names = checks.map(({ check: of }) =>
      of === `${agent} mcp` ? 'presence mcp' : of.slice(agent.length + 1),
    )
    return names.length === 0 ? [] : [`presence: ok      ${agent}: ${[...new Set(names)].join(', ')}`]
  })
  return [
    ...(board ? [lineOf(board, io)] : []),
    ...byAgent,
    ...findings.filter(each => each.status !== 'ok' && !isTrust(each)).map(each => lineOf(each, io)),
  ]
}

/** Whether an agent runs the hooks that it reads is for its user to decide, and no fault of the setup. */
export function untrustedNotes({ findings }: Diagnosis): readonly string[] {
  return findings
    .filter(each => isTrust(each) && each.status !== 'ok')
    .map(({ message, remedy }) => oneLine(`${message}: ${remedy}`))
}

function isTrust({ check: of }: Pick<Finding, 'check'>): boolean {
  return of.endsWith(' trust')
}

/**
 * The environment without the folders that npm and its kin put on PATH only for the program that they start
 * (`npx presence setup`): an agent would not find presence there.
 */
export function asAgentsHaveIt(env: Environment): Environment {
  const isUnderNpm = Object.keys(env).some(name => name.startsWith('npm_'))
  if (!isUnderNpm || env['PATH'] === undefined) return env
  const folders = env['PATH']
    .split(delimiter)
    .filter(folder => !/[/\\]node_modules[/\\]\.bin[/\\]?$/.test(folder))
  return { ...env, PATH: folders.join(delimiter) }
}
