import * as v from 'valibot'

const context = v.pipe(v.string(), v.nonEmpty(), v.maxLength(10_000))

/** Claude Code's form, which Codex says it uses too: an object with any other field is refused. */
const CLAUDE = v.union([
  v.strictObject({ decision: v.literal('block'), reason: context }),
  v.strictObject({
    hookSpecificOutput: v.variant('hookEventName', [
      ...(['SessionStart', 'UserPromptSubmit', 'PostToolUse'] as const).map(event =>
        v.strictObject({ hookEventName: v.literal(event), additionalContext: context }),
      ),
      v.strictObject({
        hookEventName: v.literal('PreToolUse'),
        permissionDecision: v.literal('deny'),
        permissionDecisionReason: context,
      }),
      v.strictObject({
        hookEventName: v.literal('PermissionRequest'),
        decision: v.strictObject({ behavior: v.literal('deny'), message: context }),
      }),
    ]),
  }),
])

const GEMINI = v.union([
  v.strictObject({ decision: v.literal('deny'), reason: context }),
  v.strictObject({
    hookSpecificOutput: v.strictObject({
      hookEventName: v.picklist(['SessionStart', 'BeforeAgent', 'AfterTool']),
      additionalContext: context,
    }),
  }),
])

const CURSOR = v.union([
  v.strictObject({ additional_context: context }),
  v.strictObject({ continue: v.literal(false), user_message: context }),
  v.strictObject({ permission: v.literal('deny'), user_message: context, agent_message: context }),
])

/**
 * Checks for the answers that each agent accepts according to its documentation, as far as presence uses it.
 * Throws for anything else.
 */
export const ACCEPTED = {
  'claude-code': (said: object) => v.parse(CLAUDE, said),
  codex: (said: object) => v.parse(CLAUDE, said),
  'gemini-cli': (said: object) => v.parse(GEMINI, said),
  cursor: (said: object) => v.parse(CURSOR, said),
}
