import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newRepository } from './support/repository.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/coordination.md'), 'utf8')

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )
}

it('the page on several sessions shows commands that work, in its order, with its config', async () => {
  const repository = newRepository()
  mkdirSync(join(repository.top, '.presence'))
  writeFileSync(join(repository.top, '.presence/config.json'), blocks('json')[0] ?? '')
  const lines = blocks('sh').flatMap(block => block.split('\n').filter(line => line.startsWith('presence ')))
  expect(lines.length).toBeGreaterThan(6)
  for (const line of lines) {
    const plain = line.replace(/\s+#.*$/, '')
    const args = [...plain.matchAll(/"([^"]*)"|(\S+)/g)]
      .slice(1)
      .map(([, quoted, word = '']) => quoted ?? word)
    const said = await repository.presence(...args)
    expect(said.status, `${plain}: ${said.stderr}`).toBe(0)
  }
})
