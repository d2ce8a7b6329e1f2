import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hookCall, pluginHooks } from '../packages/cli/src/wiring/agents.ts'
import { RULES } from '../packages/cli/src/wiring/rules-text.ts'

const DESCRIPTION =
  'Says what shared infrastructure this session is changing, and shows what other sessions, jobs and people are changing'

/**
 * Claude Code's plugin: a folder that contains everything and is also a marketplace with this one plugin. Its
 * hooks are those that `presence init --hooks claude-code` writes, its MCP server is the one that `--mcp`
 * writes, and its skill contains the rules.
 */
export function writePlugin(folder: string, { version, command }: { version: string; command: string }) {
  rmSync(folder, { recursive: true, force: true })
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const json = (path: string, value: object) => write(path, `${JSON.stringify(value, undefined, 2)}\n`)
  json('.claude-plugin/plugin.json', {
    name: 'presence',
    version,
    description: DESCRIPTION,
    author: { name: 'presence' },
  })
  json('.claude-plugin/marketplace.json', {
    name: 'presence',
    description: 'presence, from a folder',
    owner: { name: 'presence' },
    plugins: [{ name: 'presence', source: './', description: DESCRIPTION }],
  })
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the agent fills this in.
  const presence = '${CLAUDE_PLUGIN_ROOT}/bin/presence'
  json('.mcp.json', { mcpServers: { presence: { command: presence, args: ['mcp'] } } })
  json('hooks/hooks.json', { description: DESCRIPTION, hooks: hooks() })
  write('skills/board/SKILL.md', skill(BOARD, RULES))
  write('skills/statusline/SKILL.md', skill(STATUS_LINE, STATUS_LINE_TEXT))
  write('bin/presence', command)
  chmodSync(join(folder, 'bin/presence'), 0o755)
}

/**
 * An update installs the plugin in a new folder. So the status line runs a symbolic link, and each session's
 * start points it to the current folder.
 */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the agent fills these in.
const LINK = 'ln -sfn "${CLAUDE_PLUGIN_ROOT}/bin/presence" "${CLAUDE_PLUGIN_DATA}/presence"; '

/** What the agent is told at the start if the plugin's own file doesn't start: it always exits 0 itself. */
const BROKEN = {
  hookSpecificOutput: {
    hookEventName: 'SessionStart',
    additionalContext:
      'Presence board: its hooks do not work on this machine: bin/presence of the plugin does not start. This session is not on the board and is not told what others are changing. To fix this: install the plugin again.',
  },
}

function hooks(): Record<string, readonly object[]> {
  const wired = pluginHooks(hook => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the agent fills this in.
    const call = hookCall('"${CLAUDE_PLUGIN_ROOT}/bin/presence"', hook)
    return hook === 'SessionStart'
      ? `${LINK}${call} || printf '%s\\n' '${JSON.stringify(BROKEN)}'; exit 0`
      : `${call} || exit 0`
  })
  return Object.fromEntries(wired.map(({ event, entry }) => [event, [entry]]))
}

const BOARD = {
  description:
    'Claim shared infrastructure on the presence board before changing it, and see who else is changing it. Use before applying infrastructure code, draining or restarting something, or migrating a database, and when somebody else holds what you are to change.',
}
const STATUS_LINE = {
  description: "Show the presence board in Claude Code's status line",
  'disable-model-invocation': 'true',
}
const STATUS_LINE_TEXT = `# The board in the status line

A plugin can't set the status line, so it is set in the user's settings, \`~/.claude/settings.json\`:

    "statusLine": { "type": "command", "command": "\${CLAUDE_PLUGIN_DATA}/presence statusline" }

Read the file first. Where it has no \`statusLine\`, add this one and keep everything else as it is. Where it has another one,
leave it, show it to the user together with this command, and ask.
`

function skill(front: Readonly<Record<string, string>>, text: string): string {
  const lines = Object.entries(front).map(([key, value]) => `${key}: ${value}`)
  return `---\n${lines.join('\n')}\n---\n\n${text}`
}
