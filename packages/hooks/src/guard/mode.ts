import { GUARD_MODES, type GuardMode } from '@presence/core/internal'

/** The mode of the wiring; the default if it isn't a mode, because a newer or older presence may have written it. */
export function modeIn(given: string | undefined): GuardMode {
  return GUARD_MODES.find(mode => mode === given) ?? 'pause'
}
