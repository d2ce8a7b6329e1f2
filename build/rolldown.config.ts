import { defineConfig } from 'rolldown'
import { deferPlugin } from './defer-plugin.ts'
import { migrationsPlugin } from './migrations-plugin.ts'

export default defineConfig([
  {
    input: 'packages/core/src/index.ts',
    platform: 'node',
    external: ['mysql2', 'valibot', 'fastest-levenshtein'],
    plugins: [migrationsPlugin()],
    output: { dir: 'packages/core/dist', format: 'esm', cleanDir: true },
  },
  {
    input: 'packages/cli/src/main.ts',
    platform: 'node',
    resolve: {
      alias: { '@presence/core': new URL('../packages/core/src/index.ts', import.meta.url).pathname },
    },
    plugins: [migrationsPlugin(), deferPlugin()],
    // CommonJS: Node reads it in one go, where an ES module's loader takes some 4 ms of its own.
    output: { file: 'packages/cli/dist/presence.cjs', format: 'cjs', codeSplitting: false, minify: true },
  },
])
