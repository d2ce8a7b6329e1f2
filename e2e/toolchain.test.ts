import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from './support/scratch.ts'
import { until } from './support/until.ts'

const ONCE = pathToFileURL(join(import.meta.dirname, '../toolchain/once.mjs'))

/** Requests `made` in the folder, in a process group of its own. The work takes until `go` exists. */
function ask(folder: string) {
  const script = `echo "$$" >>"$FOLDER.log"
    until [ -e "$FOLDER.go" ]; do sleep 0.05; done
    mkdir "$PART"; echo done >"$PART/result"`
  const options = JSON.stringify({ folder: join(folder, 'made'), script, what: 'a test' })
  const code = `import { once } from '${ONCE}'; once({ ...${options}, say: console.log })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  const ended = once(child, 'exit')
  return {
    says: (text: string) => until(text, () => said.includes(text)),
    kill: () => process.kill(-(child.pid ?? 0), 'SIGKILL'),
    ended: async () => (await ended)[0],
  }
}

describe('a result of the toolchain', () => {
  const builders = (folder: string) =>
    existsSync(join(folder, 'made.log'))
      ? readFileSync(join(folder, 'made.log'), 'utf8').trim().split('\n')
      : []

  it('is built once if three processes request it at the same time', async () => {
    const folder = scratchFolder()
    const first = ask(folder)
    await until('the work to begin', () => builders(folder).length === 1)
    const others = [ask(folder), ask(folder)]
    for (const other of others) await other.says('waiting for another process')
    writeFileSync(join(folder, 'made.go'), '')

    expect(await Promise.all([first, ...others].map(each => each.ended()))).toEqual([0, 0, 0])
    expect(builders(folder)).toHaveLength(1)
    expect(readFileSync(join(folder, 'made/result'), 'utf8')).toBe('done\n')
  })

  it('is built by the next process if the first one was killed', async () => {
    const folder = scratchFolder()
    const first = ask(folder)
    await until('the work to begin', () => builders(folder).length === 1)
    const second = ask(folder)
    await second.says('waiting for another process')
    first.kill()
    await until('the second to begin', () => builders(folder).length === 2)
    writeFileSync(join(folder, 'made.go'), '')

    expect(await second.ended()).toBe(0)
    expect(existsSync(join(folder, 'made/result'))).toBe(true)
  })
})
