import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'

const ROOT = join(import.meta.dirname, '..')
/**
 * The folders with the bundles. Their file names differ, except the driver's, which is the same file in both.
 */
const BUNDLES = ['packages/cli/dist', 'packages/hooks/dist'].map(folder => join(ROOT, folder))
/**
 * Bundles that only long-lived or rare commands load. They are packed into a comment at the end of the file,
 * because Node looks at every character of the rest at each start.
 */
const PACKED: readonly string[] = [
  'presence-rest.cjs',
  'presence-toml.cjs',
  'server.cjs',
  'mcp.cjs',
  'viewer.cjs',
]

/**
 * The command and the hooks as one file that needs only Node. It is copied into images and into the plugin. A
 * shell runs its first part, into which parts of `bin/presence-hook` are copied.
 */
export function oneFile(): string {
  const launcher = readFileSync(join(ROOT, 'build/launcher.sh'), 'utf8')
  const hook = readFileSync(join(ROOT, 'packages/hooks/bin/presence-hook'), 'utf8')
  const ofProcess = (name: string) => readFileSync(join(ROOT, 'packages/process', name), 'utf8')
  const shell = ['throttle', 'run']
    .reduce((text, name) => text.replace(`# ${name}\n`, () => part(hook, name)), launcher)
    .replace('# prefilter\n', () => readFileSync(join(ROOT, 'packages/hooks/bin/prefilter.sh'), 'utf8'))
    .replace('# launch\n', () => ofProcess('launch.sh'))
    .replace('# trouble\n', () => ofProcess('trouble.sh'))
  if (shell.includes('*/')) throw new Error("the launcher's shell ends the comment that it stands in")
  const files = new Map(
    BUNDLES.flatMap(folder =>
      readdirSync(folder)
        .filter(name => name.endsWith('.cjs'))
        .map(name => [name, readFileSync(join(folder, name), 'utf8')] as const),
    ),
  )
  // Each file is a function of its own, which Node compiles when it is first called.
  const modules = [...files]
    .filter(([name]) => !PACKED.includes(name))
    .map(([name, text]) => `${JSON.stringify(`./${name}`)}(module, exports, require) {\n${text}\n}`)
  const packed = PACKED.map(name => {
    const text = files.get(name)
    if (text === undefined) throw new Error(`there is no ${name} to pack`)
    return `./${name} ${deflateSync(text, { level: 9 }).toString('base64')}\n`
  })
  const program = RUN.replace('MODULES', () => modules.join(',\n')).replace('MARK', () => MARK)
  return `${shell}*/\n${program}/*${MARK}\n${packed.join('')}*/\n`
}

/** Returns the lines of the hook's launcher between `# <name>` and the next `# end`. */
function part(text: string, name: string): string {
  const found = new RegExp(`^# ${name}.*\\n([\\s\\S]*?)^# end\\n`, 'm').exec(text)
  if (!found?.[1]) throw new Error(`bin/presence-hook has no part ${name}`)
  return found[1]
}

/** The beginning of the packed part. */
const MARK = 'presence: packed'

/**
 * Uses neither `require` nor `import`: in a folder below a package.json with `"type": "module"`, Node treats
 * a file without an extension as an ES module.
 */
const RUN = `const [major, minor] = process.versions.node.split('.').map(Number)
const hook = process.argv[2] === 'hook'
if (major < 22 || (major === 22 && minor < 16)) {
  const why = 'Node ' + process.versions.node + ' is too old; install Node 22.16 or newer'
  // The shell that started a hook tells the agent.
  if (hook) process.exit(9)
  else without(why)
} else {
delete process.env.NODE_NO_WARNINGS
const files = {
MODULES
}
const requireBuiltin = process.getBuiltinModule('node:module').createRequire(process.argv[1])
const loaded = {}
function load(name) {
  const isOurs = name.startsWith('./')
  if (!isOurs) return requireBuiltin(name)
  if (!(name in loaded)) {
    const module = (loaded[name] = { exports: {} })
    const run = files[name] ?? unpacked(name)
    run(module, module.exports, load)
  }
  return loaded[name].exports
}
function unpacked(name) {
  const text = requireBuiltin('node:fs').readFileSync(process.argv[1], 'latin1')
  const [, packed] = text.slice(text.lastIndexOf('MARK')).split('\\n' + name + ' ')
  const code = requireBuiltin('node:zlib').inflateSync(Buffer.from(packed.split('\\n', 1)[0], 'base64'))
  const filename = process.argv[1] + '/' + name
  return requireBuiltin('node:vm').compileFunction(code.toString(), ['module', 'exports', 'require'], { filename })
}
if (hook) process.argv.splice(2, 1)
load(hook ? './presence-hook.cjs' : './presence.cjs')
}
// Lets the shell's part answer, and run the command of \`presence run\`, as if there were no Node.
function without(why) {
  const env = { ...process.env, PRESENCE_WITHOUT: why }
  import('node:child_process').then(({ spawn }) => {
    const child = spawn('/bin/sh', process.argv.slice(1), { stdio: 'inherit', env })
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(name, () => child.kill(name))
    child.on('exit', (status, signal) => {
      if (signal !== null) process.removeAllListeners(signal).kill(process.pid, signal)
      else process.exit(status)
    })
  })
}
`
