import { rmSync } from 'node:fs'
import { defineConfig } from 'rolldown'
import { asciiPlugin } from './ascii-plugin.ts'
import { deferPlugin } from './defer-plugin.ts'
import { migrationsPlugin } from './migrations-plugin.ts'

/**
 * How a command is bundled. CommonJS: Node reads it in one go, where an ES module's loader takes some 4 ms of its own.
 * The driver is a file beside it, for it is five times the rest and a board in a file never reads it.
 */
const command = { format: 'cjs', minify: true, dynamicImportInCjs: false } as const

/** A program of one file. */
const whole = { ...command, codeSplitting: false } as const

/**
 * A program of several: what its first import reaches and a board in a file, a board on a server, and all the rest. Even what is
 * never called costs, at each start, the time in which the compile cache is read: 6 ms for the rest.
 */
const parted = (name: string, dir: string) => ({
  ...command,
  dir,
  entryFileNames: `${name}.cjs`,
  chunkFileNames: `${name}-[name].cjs`,
  paths: BESIDE,
  codeSplitting: {
    groups: [
      // Of what the first import reaches, but only messages and work use.
      { name: 'messages-json', test: /core\/src\/groups\/json/, priority: 6 },
      { name: 'start', tags: ['$initial' as const], priority: 5 },
      { name: 'store', test: /core\/src\/(store|domain)\/\w+\.ts/, priority: 4 },
      { name: 'sqlite', test: /core\/src\/store\/sqlite\/(store|coordination)/, priority: 3 },
      { name: 'mysql', test: /core\/src\/store\/mysql\/(store|coordination)/, priority: 3 },
      { name: 'messages', test: /core\/src\/(groups|store\/coordination)\//, priority: 2 },
      { name: 'remote', test: /core\/src\/remote\/board/, priority: 2 },
      { name: 'toml', test: /toml-patch|wiring\/toml/, priority: 2 },
      { name: 'rest', priority: 1 },
    ],
  },
})

/** What the packages' `engines` promise: `using` and the like come with Node 24. */
const transform = { target: 'node22.16' } as const

/** What a bundle leaves to a file beside it. */
const BESIDE = { mysql2: './mysql2.cjs', '@presence/server': './server.cjs', '@presence/mcp': './mcp.cjs' }

/** Its main file asks for its parts by a require that no bundler sees through. */
const JSONC = 'jsonc-parser/lib/esm/main.js'

const MCP_SHIMS = new URL('mcp-shims.ts', import.meta.url).pathname
const CORE = new URL('../packages/core/src/index.ts', import.meta.url).pathname

// What an earlier build left would go into the one file too.
for (const program of ['cli', 'hooks']) rmSync(`packages/${program}/dist`, { recursive: true, force: true })

export default defineConfig([
  {
    input: 'packages/core/src/index.ts',
    platform: 'node',
    transform,
    external: ['mysql2', 'valibot', 'fastest-levenshtein'],
    plugins: [migrationsPlugin()],
    output: { dir: 'packages/core/dist', format: 'esm', cleanDir: true },
  },
  {
    input: 'packages/cli/src/main.ts',
    platform: 'node',
    transform,
    resolve: { alias: { '@presence/core': CORE, 'jsonc-parser': JSONC } },
    external: ['mysql2', '@presence/server', '@presence/mcp'],
    moduleTypes: { '.bash': 'text', '.zsh': 'text', '.fish': 'text' },
    plugins: [migrationsPlugin(), deferPlugin(), asciiPlugin()],
    output: parted('presence', 'packages/cli/dist'),
  },
  // Beside the command, and read by `presence serve` alone.
  {
    input: 'packages/server/src/index.ts',
    platform: 'node',
    transform,
    resolve: { alias: { '@presence/core': CORE, 'jsonc-parser': JSONC } },
    external: ['mysql2', '@presence/mcp'],
    plugins: [migrationsPlugin(), deferPlugin()],
    output: { ...whole, file: 'packages/cli/dist/server.cjs', paths: BESIDE },
  },
  // Beside the command too: read by `presence mcp`, and by a server at the first request of an agent.
  {
    input: 'packages/mcp/src/index.ts',
    platform: 'node',
    transform,
    resolve: { alias: { '@presence/core': CORE, '@modelcontextprotocol/server/_shims': MCP_SHIMS } },
    external: ['mysql2'],
    plugins: [migrationsPlugin(), deferPlugin()],
    output: { ...whole, file: 'packages/cli/dist/mcp.cjs', paths: BESIDE },
  },
  {
    input: 'packages/hooks/src/main.ts',
    platform: 'node',
    transform,
    resolve: { alias: { '@presence/core': CORE } },
    external: ['mysql2'],
    plugins: [migrationsPlugin(), deferPlugin(), asciiPlugin()],
    output: parted('presence-hook', 'packages/hooks/dist'),
  },
  ...['cli', 'hooks'].map(program => ({
    input: 'mysql2',
    platform: 'node' as const,
    transform,
    plugins: [deferPlugin(), asciiPlugin()],
    output: { ...whole, file: `packages/${program}/dist/mysql2.cjs` },
  })),
])
