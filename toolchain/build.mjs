import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, once } from './once.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
/** How long it takes to build each folder next to this script, on two cores with an empty cache. */
const MODULES = {
  dolt: '3 minutes',
  pulumi: '4 minutes',
  'pulumi-language-nodejs': '1 minute',
  'pulumi-resource-kubernetes': '1 minute',
  kubernetes: '8 minutes',
  coredns: '2 minutes',
  act: '2 minutes',
}
const FLAGS = ['-ldflags', '-s -w']

/** True if there is a Go to build with. */
export function hasGo() {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0
}

/**
 * The folder with the programs of a module. Builds it first if the cache lacks it.
 *
 * @param {keyof typeof MODULES} module a folder beside this script
 * @param {(line: string) => void} say called before a build starts
 * @returns {string}
 */
export function toolFolder(module, say = () => {}) {
  const cwd = join(HERE, module)
  const hash = createHash('sha256').update(FLAGS.join(' '))
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(cwd, file)))
  const folder = cached(`toolchain/${module}-${hash.digest('hex').slice(0, 16)}.d`)
  const what = `${module} from its Go modules: this takes some ${MODULES[module]}, once`
  once({
    folder,
    script: `go build ${FLAGS.map(flag => `'${flag}'`).join(' ')} -o "$PART/" tool`,
    what,
    cwd,
    say,
  })
  return folder
}

/** The Dolt on which the tests run. */
export function doltBinary(say = () => {}) {
  return join(toolFolder('dolt', say), 'dolt')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const modules = process.argv.slice(2)
  for (const module of modules.length > 0 ? modules : Object.keys(MODULES)) {
    if (!(module in MODULES)) throw new Error(`${module} is not one of ${Object.keys(MODULES).join(', ')}`)
    console.log(toolFolder(module, line => console.error(line)))
  }
}
