import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'mysql',
  schema: './packages/core/src/store/mysql/schema.ts',
  out: './migrations/mysql',
})
