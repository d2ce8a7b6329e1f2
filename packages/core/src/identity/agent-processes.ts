import { type AgentSession, sessionsIn } from './agent-session.ts'
import { ancestors, isWrapper, type ProcessKey } from './processes.ts'

/**
 * The process of the agent that started this hook or server, and the shells in between. Only the first of them
 * lives as long as the agent does, but which one that is can't be told for certain. Stops at a shell that
 * another agent's hooks recorded. Empty without /proc.
 */
export function agentProcesses(
  stateFolder: string,
  isOwn: (session: AgentSession) => boolean = () => true,
): readonly ProcessKey[] {
  const processes: ProcessKey[] = []
  for (const key of ancestors()) {
    const wraps = isWrapper(key)
    const isAnothers = () => sessionsIn(stateFolder, key).some(each => !isOwn(each))
    if (processes.length > 0 && wraps && isAnothers()) break
    processes.push(key)
    if (!wraps) break
  }
  return processes
}
