import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'rolldown'

/** The texts by the folder of the package. */
const found = new Map<string, string>()

/**
 * Collects the licenses of the packages whose code is in the bundles that use this plugin, and writes them to one file.
 * Most licenses ask that their text comes with the code.
 */
export function licensesPlugin(file: string): Plugin {
  return {
    name: 'licenses',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle))
        for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) add(id)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, [...new Set(found.values())].toSorted().join(`\n${'-'.repeat(80)}\n\n`))
    },
  }
}

function add(id: string): void {
  const folder = /\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0]
  if (folder === undefined || found.has(folder)) return
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder).filter(each => /^licen[sc]e/i.test(each))
  const text = texts.map(each => readFileSync(join(folder, each), 'utf8').trim()).join('\n\n')
  found.set(folder, `${name} ${version}, ${license}\n\n${text}\n`)
}
