import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, once } from './once.mjs'

const PLATFORM = `${process.platform}-${process.arch}`
/**
 * Programs from npm that the workspace does not depend on. A newer one may behave differently: the table in
 * docs/agents.md says what each of these agents does, and e2e/agents tests it.
 */
const PROGRAMS = {
  'gitlab-ci-local': { of: 'gitlab-ci-local', version: '4.75.1', path: 'dist/index.js' },
  'claude-code': { of: `@anthropic-ai/claude-code-${PLATFORM}`, version: '2.1.332', path: 'claude' },
  codex: { of: '@openai/codex', version: '0.171.0', path: 'bin/codex.js' },
  'gemini-cli': { of: '@google/gemini-cli', version: '0.61.0', path: 'bundle/gemini.js' },
  // Builds the site of docs/.
  vitepress: { of: 'vitepress', version: '1.6.4', path: 'bin/vitepress.js' },
  // A Node that is too old for presence, the oldest that it supports, and the newest. The workspace itself has Node 24.
  'node-20': { of: `node-${PLATFORM}`, version: '20.20.2', path: 'bin/node' },
  'node-22': { of: `node-${PLATFORM}`, version: '22.16.0', path: 'bin/node' },
  'node-26': { of: `node-${PLATFORM}`, version: '26.10.0', path: 'bin/node' },
}

/** The version of a program that the tests use. */
export function versionOf(name) {
  return PROGRAMS[name].version
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
    npm install --prefix "$PART" --no-save --no-audit --ignore-scripts ${of}@${version}`
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
