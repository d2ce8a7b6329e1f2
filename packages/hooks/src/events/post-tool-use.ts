import { newsBlock, ownNews } from '../context/news.ts'
import type { HookEvent } from '../hook.ts'

/**
 * After a tool did work, sends the throttled heartbeat. Tells the agent only news: a claim of this session
 * that was stolen or lapsed, or another session on one of its labels that it wasn't told about (G1).
 */
export const postToolUse: HookEvent = {
  needs: () => ['heartbeat-if-due'],
  answer: (_, said, { here }) => {
    const { lines, told } = newsBlock(ownNews(said), said.told ?? new Set(), here, 'Presence board')
    return lines.length > 0 ? { context: lines.join('\n'), told } : {}
  },
}
