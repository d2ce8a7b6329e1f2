import * as z from 'zod'

const context = z.string().min(1).max(10_000)

/** Claude Code's form, which Codex says it uses too: an object with any other field is refused. */
const CLAUDE = z.union([
  z.strictObject({ decision: z.literal('block'), reason: context }),
  z.strictObject({
    hookSpecificOutput: z.union([
      z.strictObject({
        hookEventName: z.enum([
          'SessionStart',
          'SubagentStart',
          'UserPromptSubmit',
          'PreToolUse',
          'PostToolUse',
          'PostToolUseFailure',
        ]),
        additionalContext: context,
      }),
      z.strictObject({
        hookEventName: z.literal('PreToolUse'),
        permissionDecision: z.enum(['deny', 'ask']),
        permissionDecisionReason: context,
      }),
      z.strictObject({
        hookEventName: z.literal('PermissionRequest'),
        decision: z.strictObject({ behavior: z.literal('deny'), message: context }),
      }),
    ]),
  }),
])

const GEMINI = z.union([
  z.strictObject({ decision: z.literal('deny'), reason: context }),
  z.strictObject({
    hookSpecificOutput: z.strictObject({
      hookEventName: z.enum(['SessionStart', 'BeforeAgent', 'AfterTool']),
      additionalContext: context,
    }),
  }),
])

const CURSOR = z.union([
  z.strictObject({ additional_context: context }),
  z.strictObject({ continue: z.literal(false), user_message: context }),
  z.strictObject({ permission: z.literal('deny'), user_message: context, agent_message: context }),
])

/**
 * Checks for the answers that each agent accepts according to its documentation, as far as presence uses it.
 * Throws for anything else.
 */
export const ACCEPTED = {
  'claude-code': (said: object) => CLAUDE.parse(said),
  codex: (said: object) => {
    CLAUDE.parse(said)
    // Codex runs the command if it is told to ask.
    if (JSON.stringify(said).includes('"permissionDecision":"ask"')) throw new Error('Codex can not ask')
  },
  'gemini-cli': (said: object) => GEMINI.parse(said),
  cursor: (said: object) => CURSOR.parse(said),
}
