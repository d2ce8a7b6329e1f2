import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { print, printFault } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { MCP_AGENTS, mcpFile } from './mcp.ts'
import { writeFile } from './wire.ts'

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
    if (!dryRun) writeFile({ ...file, notes: found })
    const lines = [`presence: ${file.changed ? 'wrote' : 'nothing to do in'} ${file.path}`]
    const notes = [...(remove ? [] : found), ...(remove || dryRun ? [] : notesFor(agent.besides, io))]
    const json = { agent: name, files: [{ ...file, written: file.changed && !dryRun }] }
    return print({ lines, json, notes }, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true)
  }
}

/** Notes on what is still missing before the agent can start `presence mcp`. */
function notesFor(besides: string | undefined, { env }: Io): readonly string[] {
  const isOnPath = (env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, 'presence')))
  return [
    ...(isOnPath
      ? []
      : [
          "presence is not on your PATH: until it is, the agent can't start it; link or copy it into a folder on your PATH",
        ]),
    ...(besides === undefined ? [] : [besides]),
  ]
}
