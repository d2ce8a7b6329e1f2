import type { DiagnoseOptions, Diagnosis } from './diagnosis/diagnose.ts'

/**
 * Checks everything that presence depends on here: the board, the identity of this session, the config files,
 * and Node. Changes nothing, ends within its deadline, and never throws: a check that can't be run is
 * reported as a broken finding.
 *
 * @example
 * ```ts
 * const { findings } = await diagnose()
 * for (const { check, status, message, remedy } of findings)
 *   if (status !== 'ok') console.log(`${check}: ${message}; ${remedy}`)
 * ```
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { runChecks } = await import('./diagnosis/diagnose.ts')
  return runChecks(options)
}
