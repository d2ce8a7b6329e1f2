import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, once } from './once.mjs'

/** A newer one may have other options. */
const VERSION = '4.75.1'
const FOLDER = cached(`ci/gitlab-ci-local-${VERSION}`)
const PROGRAM = join(FOLDER, 'node_modules/gitlab-ci-local/dist/index.js')

/** Is gitlab-ci-local in the cache? */
export function hasGitlab() {
  return existsSync(PROGRAM)
}

/**
 * The script of gitlab-ci-local, fetched first if the cache lacks it.
 *
 * @param {(line: string) => void} say told before it is fetched
 * @returns {string}
 */
export function gitlabProgram(say = () => {}) {
  const script = `mkdir "$PART"
    npm install --prefix "$PART" --no-save --no-audit gitlab-ci-local@${VERSION}`
  once({ folder: FOLDER, script, what: 'gitlab-ci-local from npm', say })
  return PROGRAM
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(gitlabProgram(line => console.error(line)))
