import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, once } from './once.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const PYTHON = 'python3'

/** True if there is a Python that can make virtual environments. */
export function hasPython() {
  return spawnSync(PYTHON, ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0
}

/**
 * The folder with the programs of a set of Python packages. Installs them first if the cache lacks them. A
 * virtual environment can't be moved after it is made, so a file in it says that it is complete.
 *
 * @param {'pymysql' | 'schemathesis'} packages a folder beside this script with a `requirements.txt`
 * @param {(line: string) => void} say called before an installation starts
 * @returns {string}
 */
export function pythonPrograms(packages, say = () => {}) {
  const cwd = join(HERE, packages)
  const version = execFileSync(PYTHON, ['--version'], { encoding: 'utf8' })
  const hash = createHash('sha256')
    .update(version)
    .update(readFileSync(join(cwd, 'requirements.txt')))
  const folder = cached(`toolchain/${packages}-${hash.digest('hex').slice(0, 16)}.d`)
  const script = `${PYTHON} -m venv "$FOLDER"
    "$FOLDER/bin/pip" install --quiet --retries 2 --no-deps -r requirements.txt
    mkdir "$WHOLE"`
  const what = `${packages} from Python packages: this takes some 30 s, once`
  once({ folder, whole: join(folder, 'whole'), script, what, cwd, say })
  return join(folder, 'bin')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const packages of process.argv.slice(2))
    console.log(pythonPrograms(packages, line => console.error(line)))
