import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: './packages/core/src/store/sqlite/schema.ts',
  out: './migrations/sqlite',
})
