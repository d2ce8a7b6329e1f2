import { defineConfig } from 'rolldown'
import { deferPlugin } from './defer-plugin.ts'
import { migrationsPlugin } from './migrations-plugin.ts'

/**
 * How a command is bundled. CommonJS: Node reads it in one go, where an ES module's loader takes some 4 ms of its own.
 * The driver is a file beside it, for it is five times the rest and a board in a file never reads it.
 */
const command = { format: 'cjs', codeSplitting: false, minify: true, dynamicImportInCjs: false } as const

/** What the packages' `engines` promise: `using` and the like come with Node 24. */
const transform = { target: 'node22.16' } as const

/** What a bundle leaves to a file beside it. */
const BESIDE = { mysql2: './mysql2.cjs', '@presence/server': './server.cjs', '@presence/mcp': './mcp.cjs' }

/** Its main file asks for its parts by a require that no bundler sees through. */
const JSONC = 'jsonc-parser/lib/esm/main.js'

const MCP_SHIMS = new URL('mcp-shims.ts', import.meta.url).pathname
const CORE = new URL('../packages/core/src/index.ts', import.meta.url).pathname

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
    plugins: [migrationsPlugin(), deferPlugin()],
    output: { ...command, file: 'packages/cli/dist/presence.cjs', paths: BESIDE },
  },
  // Beside the command, and read by `presence serve` alone.
  {
    input: 'packages/server/src/index.ts',
    platform: 'node',
    transform,
    resolve: { alias: { '@presence/core': CORE, 'jsonc-parser': JSONC } },
    external: ['mysql2', '@presence/mcp'],
    plugins: [migrationsPlugin(), deferPlugin()],
    output: { ...command, file: 'packages/cli/dist/server.cjs', paths: BESIDE },
  },
  // Beside the command too: read by `presence mcp`, and by a server at the first request of an agent.
  {
    input: 'packages/mcp/src/index.ts',
    platform: 'node',
    transform,
    resolve: { alias: { '@presence/core': CORE, '@modelcontextprotocol/server/_shims': MCP_SHIMS } },
    external: ['mysql2'],
    plugins: [migrationsPlugin(), deferPlugin()],
    output: { ...command, file: 'packages/cli/dist/mcp.cjs', paths: BESIDE },
  },
  {
    input: 'packages/hooks/src/main.ts',
    platform: 'node',
    transform,
    resolve: { alias: { '@presence/core': CORE } },
    external: ['mysql2'],
    plugins: [migrationsPlugin(), deferPlugin()],
    output: { ...command, file: 'packages/hooks/dist/presence-hook.cjs', paths: BESIDE },
  },
  ...['cli', 'hooks'].map(program => ({
    input: 'mysql2',
    platform: 'node' as const,
    transform,
    plugins: [deferPlugin()],
    output: { ...command, file: `packages/${program}/dist/mysql2.cjs` },
  })),
])
