/**
 * Stands for an unknown part in a text that is known otherwise: in a heredoc, or in a command line that a shell reads
 * later. It is a variable that nothing sets, so it stays unknown there.
 */
export const UNKNOWN_MARK = '${__presence_unknown__}'
