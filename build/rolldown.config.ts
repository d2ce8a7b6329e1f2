import { rmSync } from 'node:fs'
import { type CodeSplittingGroup, defineConfig } from 'rolldown'
import { asciiPlugin } from './ascii-plugin.ts'
import { CORE_ENTRIES } from './core-entries.ts'
import { deferPlugin } from './defer-plugin.ts'
import { licensesPlugin } from './licenses-plugin.ts'
import { migrationsPlugin } from './migrations-plugin.ts'
import { VIEWER, viewerPlugin } from './viewer-plugin.ts'

/**
 * How a command is bundled. As CommonJS, which Node reads in one go; the loader of ES modules takes some 4 ms
 * more. The driver is a separate file: it is five times as large as the rest, and a board in a file never
 * loads it.
 */
const command = { format: 'cjs', minify: true, dynamicImportInCjs: false } as const

/** A program in one file. */
const whole = { ...command, codeSplitting: false } as const

/** What only a command that the guard must look at needs. */
const GUARD =
  /packages\/guard\/|\/unbash\/|core\/src\/config\/guard|hooks\/src\/guard\/(before-tool|config|effects|names|note|pauses|same-message|words)\.ts/

/**
 * A program in several files, so that a command loads only what it needs: code for every start, code for each
 * kind of board, code for messages and work, and the rest. Even code that is never called costs time at each
 * start, while the compile cache is read: 6 ms for the rest.
 */
const parted = (name: string, dir: string, more: readonly CodeSplittingGroup[] = []) => ({
  ...command,
  dir,
  entryFileNames: `${name}.cjs`,
  chunkFileNames: `${name}-[name].cjs`,
  paths: BESIDE,
  codeSplitting: {
    groups: [
      ...more,
      { name: 'start', tags: ['$initial' as const], priority: 5 },
      { name: 'guard', test: GUARD, includeDependenciesRecursively: false, priority: 4 },
      { name: 'settle', test: /hooks\/src\/guard\//, includeDependenciesRecursively: false, priority: 4 },
      {
        name: 'guarded',
        test: /core\/src\/claims\/(guard|settle|acquire|neighbours)/,
        includeDependenciesRecursively: false,
        priority: 5,
      },
      { name: 'store', test: /core\/src\/(store|store\/sql|domain)\/\w+\.ts/, priority: 4 },
      { name: 'sqlite', test: /core\/src\/store\/sqlite\/store/, priority: 3 },
      { name: 'mysql', test: /core\/src\/store\/mysql\/store/, priority: 3 },
      { name: 'messages', test: /core\/src\/(coordination|store\/coordination)\//, priority: 2 },
      { name: 'remote', test: /core\/src\/remote\/client/, priority: 2 },
      { name: 'toml', test: /toml-patch|wiring\/toml/, priority: 2 },
      { name: 'rest', priority: 1 },
    ],
  },
})

/** Code that the command's first import loads, although only HTTP calls, messages and work use it. */
const JSON_PART: CodeSplittingGroup = {
  name: 'json',
  test: /core\/src\/(remote\/codec|json\/(thing|message|component|work))\.ts/,
  includeDependenciesRecursively: false,
  priority: 6,
}

/** The oldest Node that `engines` allows. Syntax that it lacks, such as `using` (Node 24), is compiled. */
const transform = { target: 'node22.16' } as const

/** Modules that a bundle loads from a separate file in the same folder. */
const BESIDE = {
  mysql2: './mysql2.cjs',
  '@presence/server': './server.cjs',
  '@presence/mcp': './mcp.cjs',
  [VIEWER]: './viewer.cjs',
}

const licenses = licensesPlugin('packages/cli/dist/THIRD-PARTY-LICENSES.txt')

/** jsonc-parser's main file loads its parts with a `require` that no bundler can follow. */
const JSONC = 'jsonc-parser/lib/esm/main.js'

const MCP_SHIMS = new URL('mcp-shims.ts', import.meta.url).pathname

// Otherwise files of an earlier build would go into the single file too.
for (const program of ['cli', 'hooks']) rmSync(`packages/${program}/dist`, { recursive: true, force: true })

export default defineConfig([
  {
    input: {
      index: 'packages/core/src/index.ts',
      internal: 'packages/core/src/internal.ts',
      schema: 'packages/core/src/schema.ts',
    },
    platform: 'node',
    transform,
    external: ['mysql2', 'zod', 'fastest-levenshtein'],
    plugins: [migrationsPlugin()],
    output: { dir: 'packages/core/dist', format: 'esm', cleanDir: true },
  },
  {
    input: 'packages/cli/src/main.ts',
    platform: 'node',
    transform,
    resolve: { alias: { ...CORE_ENTRIES, 'jsonc-parser': JSONC } },
    external: ['mysql2', '@presence/server', '@presence/mcp'],
    moduleTypes: { '.bash': 'text', '.zsh': 'text', '.fish': 'text' },
    plugins: [migrationsPlugin(), deferPlugin(), asciiPlugin(), licenses],
    output: parted('presence', 'packages/cli/dist', [JSON_PART]),
  },
  // In the folder of the command; only `presence serve` loads it.
  {
    input: 'packages/server/src/index.ts',
    platform: 'node',
    transform,
    resolve: { alias: { ...CORE_ENTRIES, 'jsonc-parser': JSONC } },
    external: ['mysql2', '@presence/mcp', VIEWER],
    plugins: [migrationsPlugin(), deferPlugin(), licenses],
    output: { ...whole, file: 'packages/cli/dist/server.cjs', paths: BESIDE },
  },
  {
    input: VIEWER,
    plugins: [viewerPlugin(), asciiPlugin(), licenses],
    output: { ...whole, file: 'packages/cli/dist/viewer.cjs' },
  },
  // Also in the folder of the command: `presence mcp` loads it, and so does a server at the first MCP request
  // of an agent.
  {
    input: 'packages/mcp/src/index.ts',
    platform: 'node',
    transform,
    resolve: { alias: { ...CORE_ENTRIES, '@modelcontextprotocol/server/_shims': MCP_SHIMS } },
    external: ['mysql2'],
    plugins: [migrationsPlugin(), deferPlugin(), licenses],
    output: { ...whole, file: 'packages/cli/dist/mcp.cjs', paths: BESIDE },
  },
  {
    input: 'packages/hooks/src/main.ts',
    platform: 'node',
    transform,
    resolve: { alias: CORE_ENTRIES },
    external: ['mysql2'],
    plugins: [migrationsPlugin(), deferPlugin(), asciiPlugin(), licenses],
    output: parted('presence-hook', 'packages/hooks/dist'),
  },
  ...['cli', 'hooks'].map(program => ({
    input: 'mysql2',
    platform: 'node' as const,
    transform,
    plugins: [deferPlugin(), asciiPlugin(), licenses],
    output: { ...whole, file: `packages/${program}/dist/mysql2.cjs` },
  })),
])
