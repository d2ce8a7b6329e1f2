import type { DiagnoseOptions, Diagnosis } from './diagnosis/diagnose.ts'

/**
 * Looks at everything that presence rests on here: the board, who is speaking, the config files, this Node. Changes
 * nothing, ends within its deadline, and never throws: what can't be looked at is a broken finding.
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { runChecks } = await import('./diagnosis/diagnose.ts')
  return runChecks(options)
}
