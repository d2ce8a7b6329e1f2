import type { HookOptions, HookOutput, Said } from '../hook.ts'
import { boardBlock } from './board.ts'
import { messagesBlock } from './messages.ts'
import { newsBlock, ownNews } from './news.ts'
import { type TasksBlock, toldIn } from './tasks.ts'
import { fitting, TOKENS_MAX, tokensOf } from './tokens.ts'

/** So many tokens are left for messages, and for tasks, if there are some. */
const MESSAGES_TOKENS_MIN = 100
const TASKS_TOKENS_MIN = 60
/** So many tokens are there for the board, whatever comes before it. */
const BOARD_TOKENS_MIN = 130

interface Telling {
  /** True if the agent is to be told everything, because its context is new or was shortened. */
  readonly isStart: boolean
  /** The lines before all others. */
  readonly head?: readonly string[]
  /** The tracker's tasks. They are cut first. */
  readonly tasks?: TasksBlock | undefined
}

/**
 * The text at a session's start and at a prompt: what happened to the session's own claims, then messages, then the
 * claims of others, then tasks. All of it together has at most `TOKENS_MAX` tokens: the tasks are cut first, then
 * messages, then the claims of others.
 */
export function tell(
  said: Said,
  { me, here }: Pick<HookOptions, 'me' | 'here'>,
  { isStart, head = [], tasks }: Telling,
): HookOutput {
  const news = newsBlock(ownNews(said), isStart ? new Set() : (said.told ?? new Set()), here)
  const hasMessages =
    said.messages !== undefined && (!said.messages.known || said.messages.value.rows.length > 0)
  const forTasks = tasks && tasks.lines.length > 0 ? TASKS_TOKENS_MIN : 0
  const forMessages = hasMessages ? MESSAGES_TOKENS_MIN : 0
  let left = Math.max(
    TOKENS_MAX - tokensOf(head) - tokensOf(news.lines),
    BOARD_TOKENS_MIN + forMessages + forTasks,
  )
  const board = said.others
    ? boardBlock(said.others, {
        me,
        here,
        before: said.before,
        isStart,
        named: news.named,
        shownLapsed: said.shownLapsed ?? new Set(),
        tokensMax: left - forMessages - forTasks,
      })
    : undefined
  left -= tokensOf(board?.lines ?? [])
  const messages = messagesBlock(said.messages, left - forTasks)
  left -= tokensOf(messages.lines)
  const taskLines = fitting(
    tasks?.lines ?? [],
    left,
    count => `and at least ${count} more: \`bd list\` shows them.`,
  )
  const toldTasks = tasks && toldIn(taskLines.join('\n'), tasks)
  const lines = [...head, ...news.lines, ...messages.lines, ...(board?.lines ?? []), ...taskLines]
  return {
    ...(lines.length > 0 ? { context: lines.join('\n') } : {}),
    told: news.told,
    shown: [...messages.shown, ...(board?.shown ?? [])],
    ...(board ? { knows: board.knows } : {}),
    ...(toldTasks ? { toldTasks } : {}),
  }
}
