import type { Environment } from '@presence/core'
import { GUARD_MODES, type GuardMode, guardModeOf, guardSettings } from '@presence/core/internal'
import { analyze } from '@presence/guard'
import { nodeContext } from '@presence/guard/node'

/** A command that changes something. Nobody runs it: a hook is only asked about it. */
export const GUARDED_SAMPLE = 'kubectl drain presence-doctor-sample --ignore-daemonsets'

/** The events before a command runs, by the agents' names, and the tool that runs commands there. */
const TOOLS: Readonly<Record<string, string | undefined>> = {
  'claude-code PreToolUse': 'Bash',
  'codex PreToolUse': 'Bash',
  'gemini-cli BeforeTool': 'run_shell_command',
}
const WITHOUT_TOOL = 'cursor beforeShellExecution'

/** The mode of the guard that a hook's command is wired with; undefined if the hook is not the guard's. */
export function guardModeIn(command: string): GuardMode | undefined {
  const mode = / --guard ([a-z]+)/.exec(command)?.[1]
  return GUARD_MODES.find(each => each === mode)
}

/** True if this hook decides about a command before it runs. */
export function isGuard({ agent, event }: { readonly agent: string; readonly event: string }): boolean {
  return `${agent} ${event}` in TOOLS || `${agent} ${event}` === WITHOUT_TOOL
}

/** What an agent says to its guard about the sample. */
export function guardedPayload(agent: string, event: string): Readonly<Record<string, unknown>> {
  const command = { command: GUARDED_SAMPLE }
  const tool = TOOLS[`${agent} ${event}`]
  return tool === undefined
    ? command
    : { tool_name: tool, tool_input: command, tool_use_id: `presence-doctor-${process.pid}` }
}

/**
 * The labels that the guard must claim for the sample. None if the settings say so.
 *
 * @throws PresenceError `invalid_config`
 */
export function expectedFor(mode: GuardMode, env: Environment, cwd: string): readonly string[] {
  const settings = guardSettings(cwd, env)
  const { effects } = analyze(GUARDED_SAMPLE, nodeContext({ cwd, env, config: settings.config }))
  return effects.flatMap(({ label, effect }) => {
    if (label === null || effect !== 'changes') return []
    const kind = label.slice(0, label.indexOf(':'))
    return guardModeOf(settings, kind, mode, env['PRESENCE_GUARD']) === 'off' ? [] : [label]
  })
}
