/** The default ttl of a claim, in seconds. This is the only place that defines it. */
export const TTL_SECONDS_DEFAULT = 900

/** The longest ttl of a claim, in seconds. Work that takes longer than a day is a task, not a claim. */
export const TTL_SECONDS_MAX = 86_400

/**
 * An exclusive claim that its session has not touched for this many seconds is idle (seed 003: 2 h). Over
 * `/api/coord`, another session may then free its label.
 */
export const LOCK_STALE_SECONDS = 7_200

/** How long a lapsed claim is kept, in seconds, so that its session can still be told that it lapsed. */
export const LAPSED_KEPT_SECONDS = 86_400

/** How long a session is kept after it was last seen, in seconds, to know who did what. */
export const SESSION_KEPT_SECONDS = 30 * 86_400

/**
 * A session that was last seen longer ago than this, in seconds, is stale. At exactly this age it is still
 * live.
 */
export const SESSION_STALE_SECONDS = 300

/** A session that was last seen longer ago than this, in seconds, and holds nothing is inactive. */
export const SESSION_FORGOTTEN_SECONDS = 86_400

/**
 * The longest label, in characters (code points). This and the next lengths, except that of the purpose, are
 * those of the database columns.
 */
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

/** How long a keyed call's answer is kept, for attempts that follow. */
export const KEYED_KEPT_SECONDS = 3_600
/** How long an applied outbox entry is remembered: an outbox may send it again for a week. */
export const ENTRIES_KEPT_SECONDS = 8 * 86_400
/** How long the guard's commands are kept, in seconds. */
export const COMMANDS_KEPT_SECONDS = 90 * 86_400
/** How long a background command holds its automatic claims until its end is seen, in seconds. */
export const BACKGROUND_SECONDS = 3_600
/**
 * How long heartbeats extend an automatic claim whose command's end is not seen, in seconds. A command that was
 * interrupted reports no end, and its session may go on for days.
 */
export const HELD_SECONDS = 3_600
/** How long an automatic claim stays after its command succeeded, in seconds: the next command often follows soon. */
export const SETTLED_SECONDS = 300
/** A command that proceeds passes the pauses of at most this age, in seconds. */
export const PAUSE_PASSED_SECONDS = 3_600

/** How long history is kept, in seconds. */
export const EVENTS_KEPT_SECONDS = 30 * 86_400

/**
 * The most lapsed claims that are shown, the latest ones. A longer list would not be read.
 */
export const LAPSED_SHOWN_MAX = 20

/** How long a waiter that gives no sign of life keeps its place, in seconds. */
export const WAITER_KEPT_SECONDS = 6

export const NOTE_LENGTH_MAX = 4_000

/** Lengths for messages, components, workflows and work items, as their columns define them. */
export const ID_LENGTH_MAX = 64
export const PROJECT_LENGTH_MAX = 64
/** The longest subject of a message, in characters (code points). */
export const SUBJECT_LENGTH_MAX = 255
/** The longest body of a message, in characters (code points). */
export const BODY_LENGTH_MAX = 8_000
export const COMPONENT_LENGTH_MAX = 64
export const VERSION_LENGTH_MAX = 128
export const TITLE_LENGTH_MAX = 255
export const DESCRIPTION_LENGTH_MAX = 4_000
export const PRIORITY_MAX = 100
export const PRIORITY_DEFAULT = 50

/** How long messages are kept, and the record of who read them, in seconds. */
export const MESSAGES_KEPT_SECONDS = 30 * 86_400

/**
 * How long a broadcast can count as unread, in seconds. If it was sent after its reader's session began, it
 * can count as unread for longer.
 */
export const BROADCAST_NEWS_SECONDS = 86_400

/** How long ended work is kept, and each past state of a component, in seconds. */
export const WORK_KEPT_SECONDS = 90 * 86_400

/** Rows per page: the default and the maximum. */
export const PAGE_ROWS_DEFAULT = 50
export const PAGE_ROWS_MAX = 500

/** If only the latest claims are read, live claims are counted up to this number. */
export const LIVE_COUNTED_MAX = 1_000
