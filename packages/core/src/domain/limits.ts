/** How long a claim lives when nothing else is said, in seconds. The one place that says so. */
export const TTL_SECONDS_DEFAULT = 900

/** The longest life of a claim, in seconds. What lasts longer than a day is a task, not a claim. */
export const TTL_SECONDS_MAX = 86_400

/** An exclusive claim whose session did nothing about it for so long, in seconds, may be taken away (seed 003: 2 h). */
export const LOCK_STALE_SECONDS = 7_200

/** How long an expired claim is kept, in seconds, so that its session can still be told that it lapsed. */
export const LAPSED_KEPT_SECONDS = 86_400

/** How long a session that was not heard of is kept, in seconds: so long it can be said who did what. */
export const SESSION_KEPT_SECONDS = 30 * 86_400

/** A session that wasn't heard of for longer than this, in seconds, counts as stale; at exactly this it is still live. */
export const SESSION_STALE_SECONDS = 300

/** A session that wasn't heard of for longer than this, in seconds, and holds nothing, is there no more. */
export const SESSION_FORGOTTEN_SECONDS = 86_400

/** Lengths in characters (code points), as the columns of the first table hold them. */
export const LABEL_LENGTH_MAX = 255
export const PURPOSE_LENGTH_MAX = 4_000
export const SESSION_ID_LENGTH_MAX = 128
export const USER_LENGTH_MAX = 64
export const HOST_LENGTH_MAX = 128
export const AGENT_LENGTH_MAX = 64
export const REPO_LENGTH_MAX = 255
export const BRANCH_LENGTH_MAX = 255
export const WORKTREE_LENGTH_MAX = 1_024
export const ROLE_LENGTH_MAX = 64

/** How long history is kept, in seconds. */
export const EVENTS_KEPT_SECONDS = 30 * 86_400

/** So many lapsed claims are shown at most, the latest ones: whoever has more has other trouble. */
export const LAPSED_SHOWN_MAX = 20

/** How long a waiter that is not heard of keeps its place, in seconds. */
export const WAITER_KEPT_SECONDS = 6

export const NOTE_LENGTH_MAX = 4_000

/** Of messages, components, workflows and work items, as their columns hold them. */
export const ID_LENGTH_MAX = 64
export const PROJECT_LENGTH_MAX = 64
export const SUBJECT_LENGTH_MAX = 255
export const BODY_LENGTH_MAX = 8_000
export const COMPONENT_LENGTH_MAX = 64
export const VERSION_LENGTH_MAX = 128
export const TITLE_LENGTH_MAX = 255
export const DESCRIPTION_LENGTH_MAX = 4_000
export const PRIORITY_MAX = 100
export const PRIORITY_DEFAULT = 50

/** How long messages are kept, in seconds, and who has read them. */
export const MESSAGES_KEPT_SECONDS = 30 * 86_400

/** A message to many is news for so long, in seconds, or for as long as its reader has been there. */
export const BROADCAST_NEWS_SECONDS = 86_400

/** How long work that has ended is kept, in seconds, and each state that a component had. */
export const WORK_KEPT_SECONDS = 90 * 86_400

/** So many rows a page: unless told, and at most. */
export const PAGE_ROWS_DEFAULT = 50
export const PAGE_ROWS_MAX = 500

/** Where only the latest claims are read, all live ones are counted, up to this. */
export const LIVE_COUNTED_MAX = 1_000
