/**
 * What is wrong, and what fixes it: {@link diagnose} checks everything that presence depends on here.
 *
 * @packageDocumentation
 */

export { type DiagnoseOptions, type Diagnosis, diagnose } from './diagnose.ts'
export type { Finding } from './finding.ts'
