import type { Agent } from './agent.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { geminiCli } from './gemini-cli.ts'

/** The agents that the tests run. Cursor has no program that runs without an account: it has recorded payloads. */
export const AGENTS: readonly Agent[] = [claudeCode, codex, geminiCli]
