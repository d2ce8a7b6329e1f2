import type { Tool } from '../tool.ts'
import { claim } from './claim.ts'
import { checkMessages } from './coord-check-messages.ts'
import { deregisterPresence } from './coord-deregister-presence.ts'
import { getPresence } from './coord-get-presence.ts'
import { heartbeat } from './coord-heartbeat.ts'
import { registerPresence } from './coord-register-presence.ts'
import { sendMessage } from './coord-send-message.ts'
import { list } from './list.ts'
import { peek } from './peek.ts'
import { release } from './release.ts'
import { wait } from './wait.ts'

/** All tools, in the order in which they are listed. */
export const TOOLS: readonly Tool[] = [
  claim,
  release,
  list,
  peek,
  wait,
  registerPresence,
  deregisterPresence,
  heartbeat,
  getPresence,
  sendMessage,
  checkMessages,
]
