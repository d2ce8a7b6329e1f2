import type { Adapter } from './adapter.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { cursor } from './cursor.ts'
import { geminiCli } from './gemini-cli.ts'

/** The adapters of all agents that have hooks, by the name that the wiring uses. */
export const ADAPTERS: ReadonlyMap<string, Adapter> = new Map(
  [claudeCode, codex, geminiCli, cursor].map(adapter => [adapter.name, adapter]),
)
