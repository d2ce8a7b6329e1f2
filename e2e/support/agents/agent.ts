import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasNpmProgram, versionOf } from '../../../toolchain/npm.mjs'
import type { Call, Protocol, Script } from '../models/protocol.ts'
import type { Place } from './place.ts'

export type AgentName = 'claude-code' | 'codex' | 'gemini-cli'

/** A real agent from npm, without a person, and without network access beyond this machine. */
export interface Agent {
  readonly name: AgentName
  /** The name that people use. */
  readonly title: string
  readonly version: string
  /** False on a machine that doesn't have it: `npm test` downloads it only in CI. */
  readonly isHere: boolean
  /** The API of its model. */
  readonly protocol: Protocol
  /** Its project's file of hooks, as presence wires it. */
  readonly settings: string
  /** A command in its shell. */
  shell(command: string): Call
  /** A command in the background of its shell, and the turns until it has ended, if it takes 2 s. */
  background(command: string): Script
  /** A tool of the MCP server that is called `presence` in its settings. */
  mcp(tool: string, input: object): Call
  /** Does what a person does once: trusts the project, and sets up the sandbox. */
  prepare(place: Place, setup: Setup): void
  /** The arguments that give it one prompt. */
  args(prompt: string, run: Prompted): readonly string[]
  /** Variables that lead it to its model and keep it from calling others. */
  env(modelUrl: string): Readonly<Record<string, string>>
  /** The id of the session, from its output. */
  sessionOf(stdout: string): string
}

export interface Setup {
  /** What the person has trusted: the folder and its hooks, only the folder, or nothing. */
  readonly trusted: 'hooks' | 'folder' | 'nothing'
  /**
   * What its sandbox allows besides its defaults: that commands write to presence's state, everything, or
   * nothing.
   */
  readonly sandbox: 'state' | 'everything' | 'default'
}

interface Prompted extends Setup {
  readonly place: Place
  readonly modelUrl: string
  /** The session to continue. */
  readonly resume: string | undefined
}

const NPM = join(import.meta.dirname, '../../../toolchain/npm.mjs')

/**
 * The path of a program. Downloads it if necessary, but not in this process, which must respond to the test
 * runner.
 */
export async function programOf(name: AgentName | 'node-20' | 'node-22' | 'node-26'): Promise<string> {
  return (await promisify(execFile)(process.execPath, [NPM, name])).stdout.trim()
}

/** What all agents have in common. */
export function fromNpm(name: AgentName): Pick<Agent, 'name' | 'version' | 'isHere'> {
  return { name, version: versionOf(name), isHere: process.env['CI'] !== undefined || hasNpmProgram(name) }
}
