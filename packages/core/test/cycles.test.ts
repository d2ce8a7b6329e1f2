import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

/** Every source file of every package, with the files of its package that it imports, types included. */
function imports(): ReadonlyMap<string, readonly string[]> {
  const files = globSync(['packages/*/src/**/*.ts', 'infra/**/*.ts'], {
    cwd: ROOT,
    exclude: ['**/node_modules'],
  })
    .filter(file => !file.endsWith('.d.ts'))
    .map(file => join(ROOT, file))
  const known = new Set(files)
  const of = (file: string) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'(\.[^']+)'/g)]
      .map(([, to = '']) => join(dirname(file), to))
      .filter(to => known.has(to))
  return new Map(files.map(file => [file, of(file)]))
}

/** The first cycle that a walk along the imports finds, as a path. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const to of graph.get(file) ?? []) {
      const cycle = walk(to, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = walk(file, [])
    if (cycle) return cycle.map(each => relative(ROOT, each))
  }
  return undefined
}

it('no file of a package imports itself by way of others in it, not even for a type', () => {
  const graph = imports()
  expect(graph.size, 'files found').toBeGreaterThan(400)
  expect([...graph.values()].flat().length, 'imports found').toBeGreaterThan(1_000)
  expect(cycleIn(graph)).toBeUndefined()
})

it('a cycle is found, with the files on it', () => {
  const graph = new Map([
    ['/a', ['/b']],
    ['/b', ['/c']],
    ['/c', ['/b']],
  ])
  expect(cycleIn(graph)?.map(file => file.split('/').at(-1))).toEqual(['b', 'c', 'b'])
})
