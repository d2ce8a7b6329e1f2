import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, once } from './once.mjs'

const CLAUDE_CODE = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
/** Programs from npm that the workspace does not depend on. A newer one may behave differently. */
const PROGRAMS = {
  'gitlab-ci-local': { of: 'gitlab-ci-local', version: '4.75.1', path: 'dist/index.js' },
  'claude-code': { of: CLAUDE_CODE, version: '2.1.329', path: 'claude' },
}

/** True if the program is in the cache. */
export function hasNpmProgram(name) {
  return existsSync(placeOf(name).program)
}

/**
 * The path of a program. Fetches it first if the cache lacks it.
 *
 * @param {keyof typeof PROGRAMS} name
 * @param {(line: string) => void} say called before it is fetched
 * @returns {string}
 */
export function npmProgram(name, say = () => {}) {
  const { of, version } = PROGRAMS[name]
  const { folder, program } = placeOf(name)
  const script = `mkdir "$PART"
    npm install --prefix "$PART" --no-save --no-audit ${of}@${version}`
  once({ folder, script, what: `${name} from npm`, say })
  return program
}

function placeOf(name) {
  const { of, version, path } = PROGRAMS[name]
  const folder = cached(`npm/${name}-${version}`)
  return { folder, program: join(folder, 'node_modules', of, path) }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const name of process.argv.slice(2)) console.log(npmProgram(name, line => console.error(line)))
