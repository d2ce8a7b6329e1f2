import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(import.meta.dirname, '..')

type Manifest = Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string }

/** A package that is published. */
interface Published {
  /** Its folder in this repository. */
  readonly folder: string
  /** What is in the tarball besides the manifest and the texts: a file of this repository for each path. */
  readonly files: () => ReadonlyMap<string, string>
  /** The fields of the manifest that differ from the one in the repository. */
  readonly manifest: (manifest: Manifest) => Readonly<Record<string, unknown>>
}

const PACKAGES: readonly Published[] = [
  {
    folder: 'packages/core',
    files: coreFiles,
    // Only the packages of this repository use its entry `internal`.
    manifest: ({ exports }) => ({
      exports: Object.fromEntries(
        Object.entries(exports as object).filter(([path]) => path !== './internal'),
      ),
    }),
  },
  {
    folder: 'packages/cli',
    files: () =>
      new Map([
        ['bin/presence', join(ROOT, 'dist/presence')],
        ['man/presence.1', join(ROOT, 'packages/cli/man/presence.1')],
        ['THIRD-PARTY-LICENSES.txt', join(ROOT, 'packages/cli/dist/THIRD-PARTY-LICENSES.txt')],
      ]),
    // As an ES module the command would start 4 ms later.
    manifest: () => ({ type: 'commonjs' }),
  },
]

/**
 * Writes the packages that are published to a folder, as tarballs made of the built files.
 *
 * @returns the paths of the tarballs
 */
export function pack(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true })
  return PACKAGES.map(each => {
    const stage = mkdtempSync(join(tmpdir(), 'presence-pack-'))
    try {
      const { name, version } = writeStage(each, stage)
      const args = ['pack', stage, '--pack-destination', folder, '--ignore-scripts', '--silent']
      execFileSync('npm', args, { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'] })
      return join(folder, `${name.slice(1).replace('/', '-')}-${version}.tgz`)
    } finally {
      rmSync(stage, { recursive: true })
    }
  })
}

function writeStage({ folder, files, manifest }: Published, stage: string): Manifest {
  const source = join(ROOT, folder)
  const {
    devDependencies: _,
    files: __,
    ...kept
  } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest
  const published = { ...kept, ...manifest(kept as Manifest) }
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`)
  const texts = [join(ROOT, 'LICENSE'), ...['README.md', 'CHANGELOG.md'].map(name => join(source, name))]
  const all = new Map([...files(), ...texts.map(text => [relative(dirname(text), text), text] as const)])
  for (const [path, from] of all) {
    mkdirSync(dirname(join(stage, path)), { recursive: true })
    cpSync(from, join(stage, path))
  }
  return published
}

/** The public entries of the library and their types, with the files that these import. */
function coreFiles(): ReadonlyMap<string, string> {
  const folder = join(ROOT, 'packages/core')
  const entries = ['index', 'schema'].flatMap(name => [`dist/${name}.js`, `dist/types/${name}.d.ts`])
  const reached = new Set<string>()
  const visit = (file: string) => {
    if (reached.has(file)) return
    reached.add(file)
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(IMPORT))
      visit(fileOf(resolve(dirname(file), from)))
  }
  for (const entry of entries) visit(join(folder, entry))
  const all = [...reached, join(folder, 'schema/config.schema.json')]
  return new Map(all.map(file => [relative(folder, file), file]))
}

/** An import of a file, in code and in types. */
const IMPORT = /\b(?:from|import)[\s(]*["'](\.[^"']+)["']/g

/** The types of `x.ts`, which other types import by this name, are in `x.d.ts`. */
function fileOf(path: string): string {
  return existsSync(path) ? path : path.replace(/\.ts$/, '.d.ts')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const file of pack(resolve(process.argv[2] ?? join(ROOT, 'dist/packages'))))
    console.log(`${file} (${(statSync(file).size / 1_000).toFixed(0)} KB)`)
