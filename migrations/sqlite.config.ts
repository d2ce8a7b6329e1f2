import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: [
    './packages/core/src/store/sqlite/schema.ts',
    './packages/core/src/store/sqlite/schema-coordination.ts',
  ],
  out: './migrations/sqlite',
})
