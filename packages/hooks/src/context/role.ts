import { type JudgedRole, nameOf, plain } from '@presence/core/internal'

/** A session's role and what is wrong with it; empty if the project has no roles. */
export function roleBlock(judged: JudgedRole | undefined): readonly string[] {
  const { role, problem } = judged ?? {}
  if (problem) {
    const blocked = problem.blocks ? ' Prompts are blocked until this is fixed.' : ''
    return [
      `Presence, this session's role: ${plain(problem.message)}. Remedy: ${plain(problem.remedy)}.${blocked}`,
    ]
  }
  return role === undefined ? [] : [`This session's role in this repository is ${nameOf(role)}.`]
}

export function blockedPrompt({ message, remedy }: NonNullable<JudgedRole['problem']>): string {
  return `Presence: ${plain(message)}. ${plain(remedy)}.`
}
