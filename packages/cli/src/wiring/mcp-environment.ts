import type { Environment } from '@presence/core'
import type { WrittenServer } from './mcp.ts'

/** What Codex passes on to every MCP server. */
const CODEX_BASICS = [
  ...['HOME', 'LOGNAME', 'PATH', 'SHELL', 'USER', '__CF_USER_TEXT_ENCODING'],
  ...['LANG', 'LC_ALL', 'TERM', 'TMPDIR', 'TZ'],
]

/** What Gemini CLI passes on even on GitHub Actions. */
const GEMINI_BASICS = [
  ...['PATH', 'HOME', 'LANG', 'SHELL', 'TMPDIR', 'USER', 'LOGNAME', 'TERM', 'COLORTERM'],
  ...['SYSTEMROOT', 'COMSPEC', 'PATHEXT', 'WINDIR', 'TEMP', 'TMP', 'USERPROFILE', 'SYSTEMDRIVE'],
]

/** Names that Gemini CLI takes for those of secrets. */
const GEMINI_SECRETS = /TOKEN|SECRET|PASSWORD|PASSWD|KEY|AUTH|CREDENTIAL|CREDS|PRIVATE|CERT/i

/**
 * The environment in which an agent starts this MCP server. Undefined if the entry sets a variable to a value of
 * its own: a checkout may name a program or a board that way, so nothing is started with it.
 */
export function mcpEnvironment(
  agent: string,
  entry: WrittenServer,
  env: Environment,
): Environment | undefined {
  const set = Object.entries(entry.env ?? {})
  if (!set.every(([name, value]) => isHandedOn(name, value))) return undefined
  const isPassed = passedBy(agent, entry, env)
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => isPassed(name))),
    ...Object.fromEntries(set.map(([name]) => [name, env[name] ?? ''])),
  }
}

/** Claude Code and Cursor pass everything on. */
function passedBy(agent: string, entry: WrittenServer, env: Environment): (name: string) => boolean {
  if (agent === 'codex') {
    const named = (entry.env_vars ?? []).map(each => (typeof each === 'string' ? each : each.name))
    return name => CODEX_BASICS.includes(name) || named.includes(name)
  }
  if (agent !== 'gemini-cli') return () => true
  const isStrict = Boolean(env['GITHUB_SHA']) || env['SURFACE'] === 'Github'
  return name =>
    name.startsWith('GEMINI_CLI_') || GEMINI_BASICS.includes(name) || !(isStrict || GEMINI_SECRETS.test(name))
}

/** True if an entry gives a variable the value that it has in the agent's environment, in the ways that agents know. */
function isHandedOn(name: string, value: unknown): boolean {
  return [`\${${name}:-}`, `\${${name}}`, `\${env:${name}}`, `$${name}`].includes(String(value))
}
