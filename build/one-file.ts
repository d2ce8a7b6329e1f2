import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
/** What the file holds: each is a function of its own in it, and read by Node when it is first asked for. */
const MODULES = {
  './presence.cjs': 'packages/cli/dist/presence.cjs',
  './presence-hook.cjs': 'packages/hooks/dist/presence-hook.cjs',
  './server.cjs': 'packages/cli/dist/server.cjs',
  './mcp.cjs': 'packages/cli/dist/mcp.cjs',
  './mysql2.cjs': 'packages/cli/dist/mysql2.cjs',
}

/**
 * The command and the hooks as one file that needs nothing but Node: to copy into an image, and for the plugin. A shell reads
 * its first part, which decides what `bin/presence-hook` decides, in the same lines.
 */
export function oneFile(): string {
  const launcher = readFileSync(join(ROOT, 'build/launcher.sh'), 'utf8')
  const hook = readFileSync(join(ROOT, 'packages/hooks/bin/presence-hook'), 'utf8')
  const shell = launcher
    .replace('# throttle\n', () => part(hook, 'throttle'))
    .replace('# compile cache\n', () => part(hook, 'compile cache'))
  if (shell.includes('*/')) throw new Error("the launcher's shell ends the comment that it stands in")
  const modules = Object.entries(MODULES).map(
    ([name, path]) =>
      `${JSON.stringify(name)}(module, exports, require) {\n${readFileSync(join(ROOT, path), 'utf8')}\n}`,
  )
  return `${shell}*/\n${RUN.replace('MODULES', () => modules.join(',\n'))}`
}

/** What stands between `# <name>` and the next `# end` of the hook's launcher. */
function part(text: string, name: string): string {
  const found = new RegExp(`^# ${name}.*\\n([\\s\\S]*?)^# end\\n`, 'm').exec(text)
  if (!found?.[1]) throw new Error(`bin/presence-hook has no part ${name}`)
  return found[1]
}

/**
 * Neither `require` nor `import`: below a package.json that says so, Node takes a file without an extension for an ES module.
 */
const RUN = `const [major, minor] = process.versions.node.split('.').map(Number)
const hook = process.argv[2] === 'hook'
if (major < 22 || (major === 22 && minor < 16)) {
  console.error('presence: Node ' + process.versions.node + ' is too old; install Node 22.16 or newer')
  process.exit(hook ? 0 : 3)
}
delete process.env.NODE_NO_WARNINGS
const files = {
MODULES
}
const requireBuiltin = process.getBuiltinModule('node:module').createRequire(process.argv[1])
const loaded = {}
function load(name) {
  if (!(name in files)) return requireBuiltin(name)
  if (!(name in loaded)) {
    const module = (loaded[name] = { exports: {} })
    files[name](module, module.exports, load)
  }
  return loaded[name].exports
}
if (hook) process.argv.splice(2, 1)
load(hook ? './presence-hook.cjs' : './presence.cjs')
`
