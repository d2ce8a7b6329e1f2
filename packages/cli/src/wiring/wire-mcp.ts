import { print, printFault } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { MCP_AGENTS, mcpFile } from './mcp.ts'
import { missingForMcp } from './missing.ts'
import { doneTo, writeFile } from './wire.ts'

interface Options extends Globals {
  readonly user?: boolean
  readonly print?: boolean
  readonly remove?: boolean
}

/** Makes an agent start `presence mcp`, undoes that with `remove`, or only prints the resulting file. */
export async function wireMcp(
  name: string,
  { user = false, print: dryRun = false, remove = false, ...globals }: Options,
  io: Io,
): Promise<ExitStatus> {
  const agent = MCP_AGENTS.find(each => each.name === name)
  if (!agent) return EXIT.usage
  try {
    const { notes: found, ...file } = await mcpFile(agent, { user, remove }, io.env, io.cwd)
    if (dryRun && !globals.json) {
      io.out(`# ${file.path}\n${file.text.trimEnd()}`)
      return EXIT.done
    }
    const lines = [`presence: ${doneTo(file, { remove })}`]
    if (!dryRun) writeFile(file)
    const { agentNotes } = await import('./agent-trust.ts')
    const notes = [
      ...(remove ? [] : found),
      ...(remove || dryRun ? [] : missingForMcp(agent.besides, io.env)),
      // Codex's note above says it already.
      ...(remove || dryRun || name === 'codex' ? [] : await agentNotes(name, user, io.env, io.cwd)),
    ]
    const json = { agent: name, files: [{ ...file, written: file.changed && !dryRun }] }
    return print({ lines, json, notes }, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true, { isBeside: true })
  }
}
