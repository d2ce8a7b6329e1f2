export { type Dialect, scanSql } from './scan.ts'
export { judge } from './statements.ts'
