/** What every id of the doctor's samples contains, and no session's id. */
export const SAMPLE = 'presence-doctor-'
