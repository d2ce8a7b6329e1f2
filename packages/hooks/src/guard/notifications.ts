import { type Ending, endingOf } from './tool-call.ts'

/** The end of a command in the background, which Claude Code reports as a prompt. */
export interface Notification {
  readonly toolUseId: string
  /** Undefined if the command was stopped: nobody knows how far it came. */
  readonly ending: Ending | undefined
}

/** The most of a prompt that is looked at, in characters. */
const PROMPT_MAX = 100_000
const NOTIFICATIONS_MAX = 20

/** The ends of commands that a prompt tells of. A person may type such a text too, so it only ends claims. */
export function notificationsIn(prompt: string): readonly Notification[] {
  if (!prompt.includes('<task-notification>')) return []
  return prompt
    .slice(0, PROMPT_MAX)
    .split('<task-notification>')
    .slice(1, NOTIFICATIONS_MAX + 1)
    .flatMap(text => {
      const [one = ''] = text.split('</task-notification>')
      const toolUseId = /<tool-use-id>\s*([^<\s]{1,128})\s*<\/tool-use-id>/.exec(one)?.[1]
      return toolUseId === undefined ? [] : [{ toolUseId, ending: endingIn(one) }]
    })
}

function endingIn(text: string): Ending | undefined {
  const status = /<status>\s*(\w+)\s*<\/status>/.exec(text)?.[1]
  if (status === 'killed' || status === 'stopped') return undefined
  const code = /exit code:? (\d{1,3})\b/i.exec(text)?.[1]
  if (code !== undefined) return endingOf(Number(code))
  return { outcome: status === 'failed' ? 'failed' : status === 'completed' ? 'succeeded' : 'ended' }
}
