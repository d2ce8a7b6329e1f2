import { dirname } from 'node:path'
import { makeFolder, replaceFile, sessionFile } from '@presence/core/internal'
import type { Payload } from '../agents/adapter.ts'
import { claudeCode } from '../agents/claude-code.ts'
import { LocalHost } from '../local-host.ts'
import { inWords } from '../respond.ts'
import { guardTool } from './before-tool.ts'
import { modeIn } from './mode.ts'

/** A command of Claude Code that is about to run, asked about in a process that runs anyway. */
export interface InProcess {
  /** The payload of Claude Code's PreToolUse. */
  readonly payload: Payload
  /** The mode of kinds that the configuration doesn't name. */
  readonly mode: string | undefined
  /** The environment that the agent started this process with. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** How long each of the board's answers may take, in milliseconds. */
  readonly deadlineMs: number
}

/**
 * Answers PreToolUse as `presence hook PreToolUse --guard` does, in this process. Marks the session, so that the shell
 * of that hook starts no Node as long as this process lives.
 *
 * @returns the answer in Claude Code's form; empty if it has nothing to say
 */
export async function guardInProcess({ payload, mode, env, deadlineMs }: InProcess): Promise<object> {
  const moment = { adapter: claudeCode, event: 'PreToolUse', name: 'PreToolUse' } as const
  const host = new LocalHost({ adapter: claudeCode, env, taken: false, deadlineMs })
  const output = await guardTool({
    ...moment,
    payload,
    denyTaskTools: false,
    host,
    env,
    mode: modeIn(mode),
    startedAt: Date.now(),
    onWait: () => {},
  })
  markSession(host.state, payload['session_id'])
  return inWords(moment, output) ?? {}
}

function markSession(state: string, session: unknown): void {
  if (typeof session !== 'string' || session === '') return
  const path = sessionFile(state, session, 'mcp')
  try {
    makeFolder(dirname(path))
    replaceFile(path, `${process.pid}\n`, { mode: 0o600 })
  } catch {
    // Without the mark the hook's command looks at the next command too, and finds that it was answered.
  }
}
