import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
/** What each folder beside this script builds, and how long that takes on two cores when nothing of it is cached. */
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

/** Is there a Go to build with? */
export function hasGo() {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0
}

/**
 * The folder with the programs of a module, built first if the cache lacks it. Built beside its place and moved there in
 * one step, so that a build cut short leaves nothing that looks whole, and of two at once the second finds it done.
 *
 * @param {keyof typeof MODULES} module a folder beside this script
 * @param {(line: string) => void} say told before a build starts
 * @returns {string}
 */
export function toolFolder(module, say = () => {}) {
  const hash = createHash('sha256').update(FLAGS.join(' '))
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(HERE, module, file)))
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'presence/toolchain')
  const folder = join(cache, `${module}-${hash.digest('hex').slice(0, 16)}.d`)
  if (existsSync(folder)) return folder
  say(`building ${module} from its Go modules: this takes some ${MODULES[module]}, once`)
  const building = `${folder}.${process.pid}`
  mkdirSync(building, { recursive: true })
  try {
    execFileSync('go', ['build', ...FLAGS, '-o', `${building}/`, 'tool'], {
      cwd: join(HERE, module),
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    renameSync(building, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
  return folder
}

/** The Dolt that the tests run on. */
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
